"""What a workflow's job is told of an environment."""

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.github.settings import settings

PROJECT = load_project()


def project(account: str) -> Project:
    """The project, with an environment `team` in an account and a region."""
    environment = PROJECT.environment(LOCAL).model_copy(update={"account": account, "region": "eu-central-1"})
    return PROJECT.model_copy(update={"name": "fork", "environments": {"team": environment}})


@pytest.mark.parametrize("role", ["plan", "preview", "drift", "deploy"])
def test_account_region_and_role_come_from_the_project(role: str) -> None:
    """The role is the one that the bootstrap stack makes in the environment's account."""
    assert settings(project("333333333333"), "team", role) == {
        "account": "333333333333",
        "region": "eu-central-1",
        "role": f"arn:aws:iam::333333333333:role/fork-{role}",
    }


@pytest.mark.parametrize("role", ["plan", "preview"])
def test_a_pull_request_reaches_no_environment_that_takes_releases(role: str) -> None:
    """There is no such role in its account, and who asks for it is told why."""
    made = project("333333333333")
    after = made.environment("team").model_copy(update={"after": "team"})
    later = made.model_copy(update={"environments": {**made.environments, "later": after}})
    with pytest.raises(ConfigurationError, match=f"has no role {role}: pull requests reach team only"):
        settings(later, "later", role)


@pytest.mark.parametrize(
    ("name", "words"), [("team", "placeholder account 111111111111"), ("x", "it has: team")]
)
def test_what_cannot_be_reached_is_refused(name: str, words: str) -> None:
    """A fork whose accounts are not set ends in the first step, with the remedy."""
    with pytest.raises(ConfigurationError, match=words):
        settings(project("111111111111"), name, "plan")
