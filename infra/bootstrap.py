"""Prepare the account of an environment, once, as its administrator: `python -m infra.bootstrap --env dev`.

The permissions stack, the bootstrap stack, and the network stack where the environment names no subnets. It is run again when
project.toml changes what they are made of: the repository, the budget, or which environment comes after which.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from headrace.errors import ConfigurationError
from infra import cli, names
from infra.aws import Clients, check_no_placeholder, clients
from infra.change_set import Stack, deploy_stack
from infra.project_stacks import stack_named
from infra.release.manifest import Release, work_tree
from pipelines.environment import LOCAL
from pipelines.project import Project, load_project

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_GITHUB = "token.actions.githubusercontent.com"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = cli.parser("infra.bootstrap", "Prepare an account, once, as its administrator.").parse_args(
        arguments
    )

    def command() -> int:
        project = load_project()
        check(project, options.env)
        bootstrap(clients(project, options.env), work_tree(project=project), cli.say_on)
        return 0

    return cli.exit_status(command)


def check(project: Project, environment_name: str) -> None:
    """Raise `ConfigurationError` when project.toml does not say enough."""
    if environment_name == LOCAL:
        raise ConfigurationError(
            "the local AWS needs no bootstrap: `make deploy` is enough; name an account's ENV"
        )
    check_no_placeholder(project, environment_name)
    if project.github.subject and project.github.repository_id:
        return
    call = f"gh api repos/{project.repository}"
    immutable = """--jq '"repo:\\(.owner.login)@\\(.owner.id)/\\(.name)@\\(.id)"'"""
    raise ConfigurationError(
        f"project.toml does not say how GitHub's tokens name {project.repository}, so nobody could be let in; under "
        f"[github] put what these print:\n  repository_id: {call} --jq .id\n  subject: {call} {immutable}\n"
        f"A repository from before 15 July 2026 is perhaps named repo:{project.repository}: "
        f"{call}/actions/oidc/customization/sub tells"
    )


def bootstrap(found: Clients, release: Release, say: Callable[[str], None]) -> None:
    """Bring permissions and bootstrap, and the network where it is used, to what project.toml says.

    Raises `DeployError` when a stack did not get there; the former one is in place.
    """
    project, environment = release.project, found.environment
    own = {"ProjectName": project.name}
    deploy_stack(found, _stack(found, release, names.permissions_stack(project), "permissions", own), say)
    stack = names.bootstrap_stack(project)
    deploy_stack(found, _stack(found, release, stack, "bootstrap", _parameters(found, project)), say)
    if not environment.subnets:
        network = {**own, "S3PrefixListId": _prefix_list(found)}
        deploy_stack(found, _stack(found, release, names.network_stack(project), "network", network), say)


def _parameters(found: Clients, project: Project) -> dict[str, str]:
    environment = found.environment
    following = [other for other in project.environments.values() if other.after == found.name]
    if len(following) > 1:
        raise ConfigurationError(
            f"several environments of project.toml come after {found.name}; one account can take its releases"
        )
    before = project.environment(environment.after) if environment.after else None
    return {
        "ProjectName": project.name,
        "EnvironmentName": found.name,
        "GitHubSubject": project.github.subject or "",
        "GitHubRepositoryId": project.github.repository_id or "",
        "OidcProviderArn": _provider_of_another(found, project),
        "PromotesToAccount": following[0].account if following else "",
        "PromotesFromAccount": before.account if before else "",
        "PromotesFromRegion": before.region if before else "",
        "BudgetInUsdPerMonth": str(environment.budget_in_usd_per_month),
        "NotifyEmail": environment.notify or "",
    }


def _provider_of_another(found: Clients, project: Project) -> str:
    """Return the ARN of the account's identity provider for GitHub; empty when there is none, or it is the stack's own.

    An account can have one of that address only, so a project that comes second uses the first's.
    """
    iam: IAMClient = found.client("iam")
    providers = [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    arn = next((one for one in providers if one.endswith(f"/{_GITHUB}")), "")
    return "" if arn in _resources(found, names.bootstrap_stack(project)) else arn


def _resources(found: Clients, stack: str) -> set[str]:
    """Return the physical ids of a stack's resources; none when there is no stack."""
    if stack_named(found, stack) is None:
        return set()
    pages = found.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    return {one.get("PhysicalResourceId", "") for page in pages for one in page["StackResourceSummaries"]}


def _prefix_list(found: Clients) -> str:
    """Return the id of the list that AWS keeps of S3's addresses in the region."""
    name = f"com.amazonaws.{found.region}.s3"
    answer = found.client("ec2").describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [name]}]
    )
    [one] = answer["PrefixLists"]
    identity: str = one["PrefixListId"]
    return identity


def _stack(
    found: Clients, release: Release, name: str, template: str, parameters: Mapping[str, str]
) -> Stack:
    """Return a stack that the administrator makes with permissions of their own."""
    return Stack(
        name,
        release.template(template),
        parameters,
        {"project": release.project.name},
        protected=found.environment.protected,
    )


if __name__ == "__main__":
    sys.exit(main())
