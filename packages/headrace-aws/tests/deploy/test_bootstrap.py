"""Preparing an account, as its administrator."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from release_forks import Fork, made_fork

from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import GitHub, Project, load_project
from headrace_aws.deploy.bootstrap import bootstrap, check
from headrace_aws.release.manifest import Release, work_tree
from headrace_aws.stacks.deployed import deployed_stack
from headrace_local.testing import LocalAws


def parameters(fork: Fork, environment: str, stack: str) -> dict[str, str]:
    deployed = deployed_stack(fork.enter(environment), stack)
    assert deployed
    return dict(deployed.parameters)


def test_a_second_run_changes_nothing(fork: Fork) -> None:
    """The first makes bucket, repository and roles under the names that all else uses; the second `no change`."""
    said = fork.bootstrap("dev")
    assert any("DeployRole" in line for line in said)
    aws = fork.enter("dev")
    aws.client("s3").head_bucket(Bucket=naming.artefact_bucket(fork.project, aws.environment))
    [repository] = aws.client("ecr").describe_repositories(repositoryNames=[fork.project.name])[
        "repositories"
    ]
    assert repository["repositoryUri"] == naming.repository_uri(fork.project, aws.environment)
    for role in ("plan", "drift", "deploy", "cloudformation"):
        arn = aws.client("iam").get_role(RoleName=f"{fork.project.name}-{role}")["Role"]["Arn"]
        assert arn == naming.role_arn(fork.project, aws.environment, role)
    stacks = (naming.permissions_stack(fork.project), naming.bootstrap_stack(fork.project))
    assert fork.bootstrap("dev") == [f"{stack}: no change" for stack in stacks]


def test_each_account_knows_its_neighbours(fork: Fork) -> None:
    """Dev lets the account after it read releases, prod takes them from the account before it."""
    fork.bootstrap("dev")
    fork.bootstrap("prod")
    stack = naming.bootstrap_stack(fork.project)
    dev, prod = (parameters(fork, name, stack) for name in ("dev", "prod"))
    assert (dev["PromotesToAccount"], dev["PromotesFromAccount"]) == ("444444444444", "")
    assert (prod["PromotesToAccount"], prod["PromotesFromAccount"]) == ("", "333333333333")
    assert prod["PromotesFromRegion"] == "us-east-1"
    assert dev["GitHubSubject"] == f"repo:your-org@1/{fork.project.name}@2"


def test_a_second_project_uses_the_provider_that_is_there(
    fork: Fork, local_aws: LocalAws, tmp_path: Path
) -> None:
    """An account has one provider for GitHub, which the first project made or found and keeps."""
    fork.bootstrap("dev")
    second = made_fork(tmp_path / "second", local_aws)
    second.bootstrap("dev")
    arn = "arn:aws:iam::333333333333:oidc-provider/token.actions.githubusercontent.com"
    assert parameters(second, "dev", naming.bootstrap_stack(second.project))["OidcProviderArn"] == arn
    role = second.enter("dev").client("iam").get_role(RoleName=f"{second.project.name}-deploy")["Role"]
    assert arn in json.dumps(role["AssumeRolePolicyDocument"])
    assert second.bootstrap("dev")[-1].endswith(": no change")


def test_the_network_is_made_where_none_is_named(fork: Fork) -> None:
    """Without subnets in project.toml there are private ones afterwards; with them there is no such stack."""
    aws = fork.enter("dev")
    project = fork.project
    environment = aws.environment.model_copy(update={"subnets": (), "security_groups": ()})
    release = Release(fork.root, project)
    said: list[str] = []
    bootstrap(replace(aws, environment=environment), release, said.append)
    stack = naming.network_stack(project)
    deployed = deployed_stack(aws, stack)
    assert deployed
    subnets = deployed.outputs["SubnetIds"].split(",")
    assert len(aws.client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]) == len(subnets) >= 2
    assert parameters(fork, "dev", stack)["S3PrefixListId"].startswith("pl-")


class TestRefusals:
    """Told before the first call."""

    @pytest.fixture
    def project(self, fork: Fork) -> Project:
        return fork.project

    def test_local(self) -> None:
        """The local AWS needs none."""
        with pytest.raises(ConfigurationError, match="the local AWS needs no bootstrap"):
            check(load_project(), LOCAL)

    def test_a_repository_that_is_not_named(self, project: Project) -> None:
        """The commands that print what is missing are given."""
        bare = project.model_copy(update={"github": GitHub()})
        with pytest.raises(ConfigurationError) as caught:
            check(bare, "dev")
        told = str(caught.value)
        assert f"repository_id: gh api repos/your-org/{project.name} --jq .id" in told
        assert f"gh api repos/your-org/{project.name}/actions/oidc/customization/sub" in told
        check(project, "dev")

    def test_a_placeholder_account(self) -> None:
        """The accounts of the template are nobody's."""
        with pytest.raises(ConfigurationError, match="placeholder account 111111111111"):
            check(load_project(), "dev")


def test_the_work_tree_is_what_an_administrator_deploys(fork: Fork) -> None:
    """Bootstrap comes before the first release, so its templates are those of the checkout."""
    assert work_tree(fork.root).template("bootstrap").is_file()
