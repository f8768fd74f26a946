"""Prepare the account of an environment, once, as its administrator: `headrace bootstrap --env dev`.

The permissions stack, the bootstrap stack, and the network stack where the environment names no subnets. It is run again when
project.toml changes their parameters: the repository, the budget, or which environment comes after which.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from headrace.errors import ConfigurationError
from headrace_aws import cli, naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.release.manifest import Release, work_tree
from headrace_aws.session import AwsSession, aws_session, check_no_placeholder
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack
from headrace_aws.stacks.deployed import deployed_stack

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_GITHUB = "token.actions.githubusercontent.com"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = cli.environment_parser(
        "bootstrap", "Prepare an account, once, as its administrator."
    ).parse_args(arguments)

    def command() -> int:
        project = load_project()
        check(project, options.env)
        bootstrap(aws_session(project, options.env), work_tree(project=project), cli.say_on)
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
        f"project.toml does not say how GitHub's tokens name {project.repository}, so no role could trust them; under "
        f"[github] put what these print:\n  repository_id: {call} --jq .id\n  subject: {call} {immutable}\n"
        f"A repository from before 15 July 2026 is perhaps named repo:{project.repository}: "
        f"{call}/actions/oidc/customization/sub tells"
    )


def bootstrap(aws: AwsSession, release: Release, say: Callable[[str], None]) -> None:
    """Bring permissions and bootstrap, and the network where it is used, to what project.toml says.

    Raises `DeployError` when a stack did not get there; the former one is in place.
    """
    project, environment = release.project, aws.environment
    own = {"ProjectName": project.name}
    deploy_stack(aws, _stack(aws, release, naming.permissions_stack(project), "permissions", own), say)
    stack = naming.bootstrap_stack(project)
    deploy_stack(aws, _stack(aws, release, stack, "bootstrap", _parameters(aws, project)), say)
    if not environment.subnets:
        network = {**own, "S3PrefixListId": _prefix_list(aws)}
        deploy_stack(aws, _stack(aws, release, naming.network_stack(project), "network", network), say)


def _parameters(aws: AwsSession, project: Project) -> dict[str, str]:
    environment = aws.environment
    following = [other for other in project.environments.values() if other.after == aws.name]
    if len(following) > 1:
        raise ConfigurationError(
            f"several environments of project.toml come after {aws.name}; one account can take its releases"
        )
    before = project.environment(environment.after) if environment.after else None
    return {
        "ProjectName": project.name,
        "EnvironmentName": aws.name,
        "GitHubSubject": project.github.subject or "",
        "GitHubRepositoryId": project.github.repository_id or "",
        "OidcProviderArn": _shared_provider(aws, project),
        "PromotesToAccount": following[0].account if following else "",
        "PromotesFromAccount": before.account if before else "",
        "PromotesFromRegion": before.region if before else "",
        "BudgetInUsdPerMonth": str(environment.budget_in_usd_per_month),
        "NotifyEmail": environment.notify or "",
    }


def _shared_provider(aws: AwsSession, project: Project) -> str:
    """Return the ARN of the account's identity provider for GitHub; empty when there is none, or it is the stack's own.

    An account can have one of that address only, so a project that comes second uses the first's.
    """
    iam: IAMClient = aws.client("iam")
    providers = [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    arn = next((one for one in providers if one.endswith(f"/{_GITHUB}")), "")
    return "" if arn in _resources(aws, naming.bootstrap_stack(project)) else arn


def _resources(aws: AwsSession, stack: str) -> set[str]:
    """Return the physical ids of a stack's resources; none when there is no stack."""
    if deployed_stack(aws, stack) is None:
        return set()
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    return {one.get("PhysicalResourceId", "") for page in pages for one in page["StackResourceSummaries"]}


def _prefix_list(aws: AwsSession) -> str:
    """Return the id of the list that AWS keeps of S3's addresses in the region."""
    name = f"com.amazonaws.{aws.region}.s3"
    answer = aws.client("ec2").describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": [name]}]
    )
    [one] = answer["PrefixLists"]
    identity: str = one["PrefixListId"]
    return identity


def _stack(
    aws: AwsSession, release: Release, name: str, template: str, parameters: Mapping[str, str]
) -> DesiredStack:
    """Return a stack that the administrator makes with permissions of their own."""
    return DesiredStack(
        name,
        release.template(template),
        parameters,
        {"project": release.project.name},
        protected=aws.environment.protected,
    )
