"""Which previews are left over."""

from datetime import UTC, datetime, timedelta

import pytest

from headrace.errors import GitHubError
from infra.github.api import GitHub
from infra.preview.sweep import Leftover, open_on, preview_in, reason_to_remove
from infra.project_stacks import deployed_stack
from tests.workflows.stand_ins.github_api import READS, github_api

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
    leftover = Leftover("toy", 12, NOW - timedelta(days=days))
    assert reason_to_remove(leftover, lambda number: number in opened, NOW) == reason


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        (
            {"project": "p", "model": "toy-pr-12", "preview": "12", "preview-of": "toy"},
            Leftover("toy", 12, NOW),
        ),
        ({"project": "p", "model": "toy-pr-12"}, None),
        ({}, None),
    ],
    ids=["preview", "model-of-such-a-name", "other"],
)
def test_a_preview_is_known_by_its_tags(tags: dict[str, str], found: Leftover | None) -> None:
    """A model may be named like a preview, and is none."""
    stack = deployed_stack(
        {
            "StackName": "p-toy-pr-12-pipelines",
            "StackStatus": "UPDATE_COMPLETE",
            "CreationTime": NOW - timedelta(days=90),
            "LastUpdatedTime": NOW,
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
    )
    assert preview_in(stack) == found


def test_github_is_asked_whether_a_pull_request_is_open() -> None:
    """Closed is what GitHub calls a merged one, too; one that GitHub does not know stops the sweep."""
    with github_api() as api:
        api.add_pull(12)
        api.add_pull(13, state="closed")
        is_open = open_on(GitHub(api.url, api.repository, READS))
        assert is_open(12)
        assert not is_open(13)
        with pytest.raises(GitHubError, match=r"GET .*pulls/14: 404"):
            is_open(14)
