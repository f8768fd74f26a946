"""Which previews are left over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ConnectTimeoutError

from headrace.errors import GitHubError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.github.api import GitHub
from headrace_aws.preview.sweep import open_on, reason_to_remove, sweep
from headrace_aws.session import aws_session
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack
from headrace_aws.stacks.deployed import DeployedStack, deployed_stacks
from headrace_aws.teardown.preview import TAG, TAG_OF_MODEL, DeployedPreview, preview_of_stack
from headrace_aws.testing.stand_ins.github_api import READS, github_api
from headrace_local.testing import LocalAws

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "opened", "reason"),
    [
        (1, (11, 12), ""),
        (1, (11,), "closed"),
        (14, (12,), ""),
        (15, (12,), "not renewed since 2026-11-07 03:00:00"),
    ],
)
def test_a_preview_stays_as_long_as_it_is_of_use(days: int, opened: tuple[int, ...], reason: str) -> None:
    """Its pull request is open, and had a commit within two weeks."""
    leftover = DeployedPreview("toy", 12, NOW - timedelta(days=days))
    assert reason_to_remove(leftover, lambda number: number in opened, NOW) == reason


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (
            {"project": "p", "model": "toy-pr-12", "preview": "12", "preview-of": "toy"},
            DeployedPreview("toy", 12, NOW),
        ),
        ({"project": "p", "model": "toy-pr-12"}, None),
        ({}, None),
    ],
    ids=["preview", "model-of-such-a-name", "other"],
)
def test_a_preview_is_known_by_its_tags(tags: dict[str, str], found: DeployedPreview | None) -> None:
    """A model may be named like a preview, and is none."""
    stack = DeployedStack("p-toy-pr-12-pipelines", "arn", "UPDATE_COMPLETE", NOW, tags)
    assert preview_of_stack(stack) == found


def test_one_that_cannot_be_judged_keeps_no_other(local_aws: LocalAws, tmp_path: Path) -> None:
    """A pull request that GitHub does not know, or does not tell of, stays and is reported at the end; the exit status is 1."""
    project = load_project().model_copy(update={"name": f"t{uuid4().hex[:9]}"})
    aws = aws_session(project, LOCAL, local_aws.home)
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}")
    for number in (13, 14, 15):
        tags = {"project": project.name, TAG: str(number), TAG_OF_MODEL: "toy"}
        stack = DesiredStack(
            naming.pipelines_stack(project, naming.preview("toy", number)), template, {}, tags
        )
        deploy_stack(aws, stack, lambda _: None)

    def is_open(number: int) -> bool:
        if number == 13:
            raise ConnectTimeoutError(endpoint_url="github")
        return open_on(github)(number)

    said: list[str] = []
    with github_api() as api:
        api.add_pull(15, state="closed")
        github = GitHub(api.url, api.repository, READS)
        assert sweep(aws, project, is_open, said.append) == 1
    assert "preview toy-pr-15: removed" in said
    assert [line.partition(": 404")[0] for line in said[-2:]] == [
        'error: toy, pull request 13: Connect timeout on endpoint URL: "github"',
        "error: toy, pull request 14: GitHub refused GET /repos/your-org/fork/pulls/14",
    ]
    assert {stack.tags[TAG] for stack in deployed_stacks(aws, project)} == {"13", "14"}


def test_github_is_asked_whether_a_pull_request_is_open() -> None:
    """Closed is what GitHub calls a merged one, too; one that GitHub does not know is an error."""
    with github_api() as api:
        api.add_pull(12)
        api.add_pull(13, state="closed")
        is_open = open_on(GitHub(api.url, api.repository, READS))
        assert is_open(12)
        assert not is_open(13)
        with pytest.raises(GitHubError, match=r"GET .*pulls/14: 404"):
            is_open(14)
