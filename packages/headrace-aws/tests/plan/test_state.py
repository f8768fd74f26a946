"""The word in a commit message that lets what has state be replaced."""

import subprocess
from pathlib import Path

import pytest

from headrace_aws.plan.state import allowed_by, commit_messages


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("Rename\n\nallow-replace: RunTable", {"RunTable"}),
        ("allow-replace: RunTable, DataBucket Key\r\n", {"RunTable", "DataBucket", "Key"}),
        ("* Allow-Replace: RunTable", {"RunTable"}),
        ("allow-replace:\nRunTable", set()),
        ("do not allow-replace: RunTable", set()),
        ("disallow-replace: RunTable", set()),
        ("", set()),
    ],
)
def test_what_a_message_allows(message: str, names: set[str]) -> None:
    """The word stands at the beginning of a line, and what follows it there is allowed: nothing else is."""
    assert allowed_by(message) == names


def test_messages_are_those_after_the_base(tmp_path: Path) -> None:
    """Only this branch's messages count: what main once allowed is over. Without a base the newest one counts."""

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch", "main")
    git("commit", "--allow-empty", "-m", "allow-replace: Old")
    git("branch", "base")
    git("commit", "--allow-empty", "-m", "allow-replace: First")
    git("commit", "--allow-empty", "-m", "allow-replace: Second")
    assert allowed_by(commit_messages(tmp_path, "base")) == {"First", "Second"}
    assert allowed_by(commit_messages(tmp_path, "origin/main")) == {"Second"}
