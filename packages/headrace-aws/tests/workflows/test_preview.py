"""The preview of a pull request: made, renewed, removed."""

from typing import Any

from headrace_aws.testing.team import Team

NUMBER = 21
LABELS = ("preview",)


def test_a_preview_comes_with_its_label_is_renewed_and_goes_with_the_pull_request(team: Team) -> None:
    """It trains in dev under a name of its own, its verdict is in the comment, and nothing of it stays behind."""
    assert (
        team.pull_request("preview.yml", NUMBER, "labeled", labels=("bug",), label={"name": "bug"}).jobs == {}
    )
    assert not previews(team)
    made = team.pull_request("preview.yml", NUMBER, "labeled", labels=LABELS, label={"name": "preview"})
    assert made.ended("preview") == "success", made.output
    assert made.ended("remove") == made.ended("sweep") == "skipped"
    assert previews(team)
    [first] = team.api.comments_of(NUMBER)
    team.edit("src/toy/model.py", "learning_rate: float = 0.3", "learning_rate: float = 0.2")
    team.commit("Learn slower")
    renewed = team.pull_request("preview.yml", NUMBER, "synchronize", labels=LABELS)
    assert renewed.ended("preview") == "success", renewed.output
    [second] = team.api.comments_of(NUMBER)
    assert second != first
    closed = team.pull_request("preview.yml", NUMBER, "closed", labels=LABELS)
    assert closed.ended("remove") == "success", closed.output
    assert closed.ended("preview") == "skipped"
    assert not previews(team)


def test_the_nightly_sweep_removes_what_was_left_over(team: Team) -> None:
    """A preview whose closing no workflow saw is gone in the morning; one of an open pull request stays."""
    for number in (NUMBER + 1, NUMBER + 2):
        made = team.pull_request("preview.yml", number, "labeled", labels=LABELS, label={"name": "preview"})
        assert made.ended("preview") == "success", made.output
    team.api.pulls[NUMBER + 1]["state"] = "closed"
    done = team.schedule("preview.yml")
    assert done.ended("sweep") == "success", done.output
    assert previews(team)
    assert all(f"pr-{NUMBER + 2}-" in name for name in previews(team))


def previews(team: Team) -> list[Any]:
    """Return the names of the stacks of previews in dev."""
    found = team.client("cloudformation", "dev").describe_stacks()["Stacks"]
    return [each["StackName"] for each in found if "-pr-" in each["StackName"]]
