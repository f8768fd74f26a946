"""A pull request: what it would change is told in one comment, and a fork's gets nothing of the accounts."""

import pytest

from headrace_aws.testing.repository import git
from headrace_aws.testing.team import ACCOUNTS, Team

FORK = "stranger/fork"


def test_a_pull_request_plans_and_comments_and_changes_nothing(team: Team) -> None:
    """The plan of a change is the pull request's one comment and the job's summary; a second push updates it in place."""
    before = stacks(team)
    team.edit("project.toml", 'approval = "manual"', 'approval = "auto"')
    team.edit("project.toml", "cool_down_hours = 0", "cool_down_hours = 1")
    team.commit("Wait between trainings")
    try:
        first = team.pull_request("plan.yml", 11)
        assert first.jobs == {"plan": "success"}, first.output
        [planned] = team.api.comments_of(11)
        assert "fork-toy-pipelines" in planned
        assert first.summary.strip() in planned
        team.edit("project.toml", "cool_down_hours = 1", "cool_down_hours = 2")
        team.commit("Wait longer")
        second = team.pull_request("plan.yml", 11)
        assert second.jobs == {"plan": "success"}, second.output
        [planned_anew] = team.api.comments_of(11)
        assert planned_anew != planned
    finally:
        git(team.root, "reset", "--quiet", "--hard", "HEAD~2")
    assert stacks(team) == before
    assert not change_sets(team)


def test_a_fork_s_pull_request_gets_no_credentials(team: Team) -> None:
    """The jobs that need an account are skipped for a fork; nothing is called with its token."""
    calls = len(team.api.calls)
    for workflow, labels in (("plan.yml", ()), ("preview.yml", ("preview",))):
        done = team.pull_request(workflow, 12, of=FORK, labels=labels)
        assert (done.status, done.jobs) == (0, {}), done.output
    assert len(team.api.calls) == calls


def test_a_fork_that_takes_the_condition_out_gets_no_credentials_either(team: Team) -> None:
    """A pull request runs its own workflow file: without the condition, the job fails as GitHub gives it no token."""
    guard = "    if: github.event.pull_request.head.repo.full_name == github.repository\n"
    team.edit(".github/workflows/plan.yml", guard, "")
    team.commit("Let me in")
    try:
        done = team.pull_request("plan.yml", 13, of=FORK)
    finally:
        git(team.root, "reset", "--quiet", "--hard", "HEAD~1")
    assert done.jobs == {"plan": "failure"}
    assert "a fork's pull request gets no token" in done.output
    assert not team.api.comments_of(13)


@pytest.mark.parametrize(
    ("role", "environment", "words"),
    [
        ("deploy", "dev", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        ("preview", "dev", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
        ("plan", "prod", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    ],
)
def test_a_pull_request_cannot_help_itself_to_another_role(
    team: Team, role: str, environment: str, words: str
) -> None:
    """A pull request that asks for the role that deploys, or for one in another account, ends before its first call."""
    team.edit(".github/workflows/plan.yml", "          role: plan\n", f"          role: {role}\n")
    if environment != "dev":
        team.edit(
            ".github/actions/credentials/action.yml",
            "${{ steps.settings.outputs.role }}",
            f"arn:aws:iam::{ACCOUNTS[environment]}:role/fork-plan",
        )
    team.commit("Help myself")
    try:
        done = team.pull_request("plan.yml", 14)
    finally:
        git(team.root, "reset", "--quiet", "--hard", "HEAD~1")
    assert done.jobs == {"plan": "failure"}
    assert words in done.output


def stacks(team: Team) -> list[tuple[str, str, str]]:
    """Return name, status and last update of each stack in dev."""
    found = team.client("cloudformation", "dev").describe_stacks()["Stacks"]
    return [(each["StackName"], each["StackStatus"], str(each.get("LastUpdatedTime"))) for each in found]


def change_sets(team: Team) -> list[str]:
    """Return the change sets that are left in dev."""
    cloudformation = team.client("cloudformation", "dev")
    return [
        each["ChangeSetName"]
        for name, *_ in stacks(team)
        for each in cloudformation.list_change_sets(StackName=name)["Summaries"]
        if each["ExecutionStatus"] == "AVAILABLE"
    ]
