"""What the workflows say on GitHub, over HTTP to a server that keeps a repository in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.errors import ConfigurationError, GitHubError
from headrace_aws.github.api import GitHub
from headrace_aws.github.api import github as api_of_environment
from headrace_aws.github.command import main
from headrace_aws.github.comment import LIMIT, MARKER, cut, update_section
from headrace_aws.github.issue import open_issue
from headrace_aws.github.pull_request import update_pull_request
from headrace_aws.testing.stand_ins.github_api import PERSON, READS, WRITES, GitHubApi, github_api

PULL = 7


@pytest.fixture
def api() -> Iterator[GitHubApi]:
    """A repository with one pull request."""
    with github_api() as made:
        made.add_pull(PULL)
        yield made


@pytest.fixture
def github(api: GitHubApi) -> GitHub:
    """The repository, with a token that may write."""
    return GitHub(api.url, api.repository, WRITES)


def test_sections_share_one_comment(api: GitHubApi, github: GitHub) -> None:
    """Two sections make one comment; the one written again is replaced in place, the other stays."""
    update_section(github, PULL, "plan", "first plan")
    update_section(github, PULL, "preview", "the preview")
    update_section(github, PULL, "plan", "second plan")
    [comment] = api.comments_of(PULL)
    assert comment.startswith(MARKER)
    assert "first plan" not in comment
    assert comment.index("second plan") < comment.index("the preview")


def test_a_reply_that_quotes_the_comment_is_left_alone(api: GitHubApi, github: GitHub) -> None:
    """Only what begins with the marker is ours, also behind more comments than a page holds."""
    for number in range(150):
        api.comment(PULL, f"> {MARKER}\nreply {number}")
    update_section(github, PULL, "plan", "one")
    update_section(github, PULL, "plan", "two")
    assert len(api.comments_of(PULL)) == 151
    assert "two" in api.comments_of(PULL)[-1]


def test_a_stranger_cannot_write_in_our_name(api: GitHubApi, github: GitHub) -> None:
    """A person's comment or issue with our marker is no one of ours: it stays as it is, and gives us no section."""
    update_section(github, PULL, "plan", "ours")
    [marked] = api.comments_of(PULL)
    api.comments.clear()
    api.comment(
        PULL, marked.replace("ours", "approve this").replace(":section plan", ":section preview"), PERSON
    )
    update_section(github, PULL, "plan", "the plan")
    forged, written = api.comments_of(PULL)
    assert "approve this" in forged
    assert "approve this" not in written
    first = open_issue(github, "prod failed", "why")
    api.issues[first]["user"] = PERSON
    assert open_issue(github, "prod failed", "again") != first


def test_two_workflows_that_begin_the_comment_at_once_end_with_one(api: GitHubApi, github: GitHub) -> None:
    """Where another made the comment between our look and our writing, both sections end up in the older one."""

    def other(call: str) -> None:
        if call.startswith("POST"):
            api.before = lambda _: None
            update_section(github, PULL, "preview", "the preview")

    api.before = other
    update_section(github, PULL, "plan", "the plan")
    [comment] = api.comments_of(PULL)
    assert "the plan" in comment
    assert "the preview" in comment


def test_a_section_that_another_overwrote_is_written_anew(api: GitHubApi, github: GitHub) -> None:
    """A comment that was put back to an older text by another job gets our section in the end."""
    update_section(github, PULL, "plan", "old")
    [older] = api.comments_of(PULL)
    edits = []

    def other(call: str) -> None:
        if call.startswith("PATCH"):
            edits.append(call)
        elif len(edits) == 1:
            edits.append("put back")
            next(iter(api.comments.values()))["body"] = older

    api.before = other
    update_section(github, PULL, "plan", "new")
    assert "new" in api.comments_of(PULL)[0]
    assert [edit.partition(" ")[0] for edit in edits] == ["PATCH", "put", "PATCH"]


def test_a_section_too_long_is_cut_and_says_where_the_whole_is(api: GitHubApi, github: GitHub) -> None:
    """What GitHub would refuse fits after the cut: fences and details are closed, the other section is whole."""
    update_section(github, PULL, "preview", "the preview")
    long = "<details>\n\n```diff\n" + "+ a line\n" * 20_000 + "```\n</details>"
    update_section(github, PULL, "plan", long, "https://github.com/your-org/fork/actions/runs/1")
    [comment] = api.comments_of(PULL)
    assert LIMIT - 400 < len(comment) <= LIMIT
    assert "the preview" in comment
    assert comment.count("```") == 2
    assert comment.count("<details>") == comment.count("</details>") == 1
    assert "The whole is in the job's summary: https://github.com/your-org/fork/actions/runs/1" in comment


@pytest.mark.parametrize("length", [0, 1, 50])
def test_even_with_no_room_the_sentence_stands(length: int) -> None:
    """Where nothing of the text fits, what is left is the sentence that names the summary."""
    assert "job's summary" in cut("a long text\n" * 20, length)


def test_a_section_cannot_end_itself(api: GitHubApi, github: GitHub) -> None:
    """Markers within a section's text are text: the next writing keeps what follows them."""
    update_section(github, PULL, "plan", "before\n<!-- headrace:end -->\nafter")
    update_section(github, PULL, "preview", "the preview")
    [comment] = api.comments_of(PULL)
    assert comment.index("before") < comment.index("after") < comment.index("the preview")


def test_an_issue_is_opened_once_and_then_commented_on(api: GitHubApi, github: GitHub) -> None:
    """The second failure of the same title is a comment on the open issue; after it was closed, an issue again."""
    first = open_issue(github, "prod failed", "why")
    assert open_issue(github, "prod failed", "again") == first
    assert open_issue(github, "dev drifts", "else") != first
    assert api.comments_of(first) == ["again"]
    api.issues[first]["state"] = "closed"
    assert open_issue(github, "prod failed", "anew") not in {first, 0}


def test_the_release_pull_request_is_one(api: GitHubApi, github: GitHub) -> None:
    """A second release updates the open pull request; a merged one is not touched."""
    number = update_pull_request(github, "production", "main", "Release 1", "one")
    assert update_pull_request(github, "production", "main", "Release 2", "two") == number
    assert api.pulls[number]["title"] == "Release 2"
    api.pulls[number]["state"] = "closed"
    assert update_pull_request(github, "production", "main", "Release 3", "three") != number


@pytest.mark.parametrize(
    ("token", "pull", "words"),
    [
        (READS, PULL, "refused POST /repos/your-org/fork/issues/7/comments: 403 Resource not accessible"),
        ("stolen", PULL, "401 Bad credentials (the token is missing or has expired)"),
        (WRITES, 99, "404 Not Found (it does not exist, or the token may not see it)"),
    ],
)
def test_a_refusal_names_the_call_the_status_and_the_remedy(
    api: GitHubApi, token: str, pull: int, words: str
) -> None:
    """The message is GitHub's, with what was called, and holds no token."""
    with pytest.raises(GitHubError) as caught:
        update_section(GitHub(api.url, api.repository, token), pull, "plan", "text")
    assert words in str(caught.value)
    assert token not in str(caught.value)


def test_a_refused_field_is_reported(api: GitHubApi, github: GitHub) -> None:
    """Of a call that GitHub cannot accept, the faulty field is in the message."""
    api.branches.discard("production")
    with pytest.raises(GitHubError, match=r"422 Validation Failed; .*base.*invalid"):
        update_pull_request(github, "production", "main", "Release", "")


def test_nobody_listening_is_reported() -> None:
    """A server that does not answer is one message."""
    with pytest.raises(GitHubError, match=r"GitHub did not answer GET /repos/o/r/issues.*refused"):
        list(GitHub("http://127.0.0.1:1", "o/r", WRITES).pages("issues"))


def test_the_token_goes_to_no_other_address(api: GitHubApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A next page elsewhere is refused before the call."""
    monkeypatch.setattr(
        "headrace_aws.testing.stand_ins.github_api.page", lambda *_: ([], '<http://other/x>; rel="next"')
    )
    with pytest.raises(GitHubError, match="http://other/x is not at"):
        list(GitHub(api.url, api.repository, WRITES).pages("issues"))


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"GITHUB_TOKEN": "ghp_x\n"}, "GITHUB_TOKEN has a character that no token has"),
        ({"GITHUB_TOKEN": "ghp_ü"}, "GITHUB_TOKEN has a character that no token has"),
        ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN not set"),
        ({"GITHUB_API_URL": "http://[::1"}, "GITHUB_API_URL is 'http://.*; it has to be an address"),
        ({"GITHUB_API_URL": "api.github.com"}, "GITHUB_API_URL is 'api.github.com'; it has to be an address"),
        ({"GITHUB_REPOSITORY": "headrace"}, "GITHUB_REPOSITORY is 'headrace'; it has to be owner/name"),
        ({"GITHUB_REPOSITORY": "a/b c"}, "GITHUB_REPOSITORY is 'a/b c'; it has to be owner/name"),
        ({"GITHUB_REPOSITORY": "https://github.com/a/b"}, "GITHUB_REPOSITORY is 'https://github.com/a/b'"),
    ],
)
def test_a_variable_that_cannot_be_is_told(
    variables: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a call, whose error would show the token."""
    for name, value in ({"GITHUB_REPOSITORY": "a/b", "GITHUB_TOKEN": "ghp_x"} | variables).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=message) as caught:
        api_of_environment()
    assert "ghp" not in str(caught.value)


def test_the_command_writes_the_summary_before_it_comments(
    api: GitHubApi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A token that only reads ends the command with 2 and one message; the job's summary holds the text all the same."""
    text, summary = tmp_path / "plan.md", tmp_path / "summary.md"
    text.write_text("the plan")
    for name, value in {
        "GITHUB_API_URL": api.url,
        "GITHUB_REPOSITORY": api.repository,
        "GITHUB_TOKEN": READS,
        "GITHUB_STEP_SUMMARY": str(summary),
    }.items():
        monkeypatch.setenv(name, value)
    command = ["comment", "--pull", str(PULL), "--section", "plan", "--file", str(text)]
    assert main(command) == 2
    assert summary.read_text() == "the plan\n\n"
    monkeypatch.setenv("GITHUB_TOKEN", WRITES)
    assert main(command) == 0
    assert "the plan" in api.comments_of(PULL)[0]
    monkeypatch.delenv("GITHUB_TOKEN")
    assert main(["issue", "--title", "prod failed"]) == 2
    assert "GITHUB_TOKEN not set" in capsys.readouterr().err
