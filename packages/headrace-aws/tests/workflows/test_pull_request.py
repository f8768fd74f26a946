"""A pull request: what it would change is reported in one comment, and a fork's gets nothing of the accounts."""

from headrace_aws.testing.repository import git
from headrace_aws.testing.team import ACCOUNTS, Team

FORK = "stranger/fork"


def test_a_pull_request_plans_and_comments_and_changes_nothing(team: Team) -> None:
    """The plan of a change is the pull request's one comment and the job's summary; a second push updates it in place."""
    before = stacks(team)
    team.edit("project.toml", 'approval = "manual"', 'approval = "auto"')
    team.edit("project.toml", "cool_down_hours = 0", "cool_down_hours = 1")
    team.commit("Wait between trainings")
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
    assert stacks(team) == before
    assert not change_sets(team)


def test_a_fork_s_pull_request_gets_no_credentials(team: Team) -> None:
    """Its jobs are skipped, and nothing is called with its token; without that condition GitHub gives them no token."""
    for workflow, labels in (("plan.yml", ()), ("preview.yml", ("preview",))):
        done = team.pull_request(workflow, 12, of=FORK, labels=labels)
        assert (done.status, done.jobs) == (0, {}), done.output
    assert not team.api.calls

    guard = "    if: github.event.pull_request.head.repo.full_name == github.repository\n"
    team.edit(".github/workflows/plan.yml", guard, "")
    team.commit("Let me in")
    done = team.pull_request("plan.yml", 13, of=FORK)
    assert done.jobs == {"plan": "failure"}
    assert "a fork's pull request gets no token" in done.output
    assert not team.api.comments_of(13)


def test_a_pull_request_cannot_help_itself_to_another_role(team: Team) -> None:
    """A pull request that asks for a role that deploys, or for one in another account, ends before its first call."""
    for role in ("deploy", "preview"):
        team.edit(".github/workflows/plan.yml", "          role: plan\n", f"          role: {role}\n")
        assert_is_refused(team)
        git(team.root, "reset", "--quiet", "--hard", "HEAD~1")
    team.edit(
        ".github/actions/credentials/action.yml",
        "${{ steps.settings.outputs.role }}",
        f"arn:aws:iam::{ACCOUNTS['prod']}:role/fork-plan",
    )
    assert_is_refused(team)


def assert_is_refused(team: Team) -> None:
    """Check that the plan of what was edited gets no role."""
    team.commit("Help myself")
    done = team.pull_request("plan.yml", 14)
    assert done.jobs == {"plan": "failure"}
    assert "Not authorized to perform sts:AssumeRoleWithWebIdentity" in done.output


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
