"""GitHub's REST API as far as the project calls it: a real HTTP server that keeps one repository in memory.

It answers with the status codes, pages and messages that GitHub documents: 401 without a token, 403 to a token that
only reads (that of a fork's pull request), 404 for what is not there, 422 for what it does not accept.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from headrace_aws.testing.stand_ins.servers import listening

WRITES = "may-write"
READS = "only-reads"
LIMIT = 65_536
BOT = {"login": "github-actions[bot]", "type": "Bot"}  # the user of both tokens
PERSON = {"login": "stranger", "type": "User"}
Answer = tuple[int, Any]


@dataclass
class GitHubApi:
    """What the repository holds, and every call that reached it."""

    repository: str = "your-org/fork"
    branches: set[str] = field(default_factory=lambda: {"main", "production"})
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    url: str = ""
    before: Callable[[str], None] = lambda _: None  # is called with each call before its answer
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def comments_of(self, number: int) -> list[str]:
        """Return the comments of an issue or pull request, the oldest first."""
        return [each["body"] for each in self.comments.values() if each["issue"] == number]

    def add_pull(self, number: int, **given: Any) -> dict[str, Any]:
        """Add an open pull request."""
        pull = {"number": number, "state": "open", "title": "", "body": "", "labels": [], **given}
        self.pulls[number] = pull
        return pull

    def comment(self, number: int, body: str, user: Mapping[str, str] = BOT) -> int:
        """Add a comment; return its id."""
        made = len(self.comments) + len(self.calls) + 1_000
        self.comments[made] = {"id": made, "issue": number, "body": body, "user": user}
        return made

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        """Return status and content for a call."""
        prefix = f"/repos/{self.repository}/"
        if not path.startswith(prefix):
            return not_found()
        call = f"{method} {path.removeprefix(prefix)}"
        for pattern, answer in ROUTES.items():
            if found := re.fullmatch(pattern, call):
                return answer(self, *(int(group) for group in found.groups()), query=query, body=body)
        return not_found()


def not_found() -> Answer:
    return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}


def invalid(message: str) -> Answer:
    return 422, {"message": "Validation Failed", "errors": [{"message": message}]}


def list_comments(api: GitHubApi, number: int, **_: Any) -> Answer:
    if number not in api.issues | api.pulls:
        return not_found()
    return 200, [each for each in api.comments.values() if each["issue"] == number]


def add_comment(api: GitHubApi, number: int, *, body: dict[str, Any], **_: Any) -> Answer:
    if number not in api.issues | api.pulls:
        return not_found()
    if len(body["body"]) > LIMIT:
        return invalid(f"body is too long (maximum is {LIMIT} characters)")
    return 201, api.comments[api.comment(number, body["body"])]


def edit_comment(api: GitHubApi, comment: int, *, body: dict[str, Any], **_: Any) -> Answer:
    if comment not in api.comments:
        return not_found()
    if len(body["body"]) > LIMIT:
        return invalid(f"body is too long (maximum is {LIMIT} characters)")
    api.comments[comment]["body"] = body["body"]
    return 200, api.comments[comment]


def delete_comment(api: GitHubApi, comment: int, **_: Any) -> Answer:
    return (204, None) if api.comments.pop(comment, None) else not_found()


def list_issues(api: GitHubApi, *, query: dict[str, str], **_: Any) -> Answer:
    pulls = [{**each, "pull_request": {}} for each in api.pulls.values()]
    state = query.get("state", "open")
    return 200, [each for each in [*pulls, *api.issues.values()] if state in {"all", each["state"]}]


def add_issue(api: GitHubApi, *, body: dict[str, Any], **_: Any) -> Answer:
    number = max([0, *api.issues, *api.pulls]) + 1
    api.issues[number] = {"number": number, "state": "open", "user": BOT, **body}
    return 201, api.issues[number]


def list_pulls(api: GitHubApi, *, query: dict[str, str], **_: Any) -> Answer:
    branches = {name: query[name].rpartition(":")[2] for name in ("base", "head") if name in query}
    state = query.get("state", "open")
    return 200, [
        each
        for each in api.pulls.values()
        if state in {"all", each["state"]}
        and all(each.get(name, {}).get("ref") == branch for name, branch in branches.items())
    ]


def get_pull(api: GitHubApi, number: int, **_: Any) -> Answer:
    return (200, api.pulls[number]) if number in api.pulls else not_found()


def add_pull(api: GitHubApi, *, body: dict[str, Any], **_: Any) -> Answer:
    for name in ("base", "head"):
        if body[name] not in api.branches:
            return 422, {"message": "Validation Failed", "errors": [{"field": name, "code": "invalid"}]}
    number = max([0, *api.issues, *api.pulls]) + 1
    refs = {name: {"ref": body[name]} for name in ("base", "head")}
    return 201, api.add_pull(number, title=body["title"], body=body["body"], **refs)


def edit_pull(api: GitHubApi, number: int, *, body: dict[str, Any], **_: Any) -> Answer:
    if number not in api.pulls:
        return not_found()
    api.pulls[number].update(body)
    return 200, api.pulls[number]


ROUTES: dict[str, Callable[..., Answer]] = {
    r"GET issues/(\d+)/comments": list_comments,
    r"POST issues/(\d+)/comments": add_comment,
    r"PATCH issues/comments/(\d+)": edit_comment,
    r"DELETE issues/comments/(\d+)": delete_comment,
    r"GET issues": list_issues,
    r"POST issues": add_issue,
    r"GET pulls": list_pulls,
    r"POST pulls": add_pull,
    r"GET pulls/(\d+)": get_pull,
    r"PATCH pulls/(\d+)": edit_pull,
}


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the API of the server."""

    protocol_version = "HTTP/1.1"

    def handle_call(self) -> None:
        api: GitHubApi = self.server.api  # type: ignore[attr-defined]
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "{}")
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        call = f"{self.command} {address.path}"
        api.before(call)
        with api._lock:  # noqa: SLF001 - its own server
            api.calls.append(call)
            status, content = self.allowed() or api.answer(self.command, address.path, query, body)
        links = ""
        if isinstance(content, list):
            content, links = page(content, f"{api.url}{address.path}", query)
        self.send(status, content, links)

    do_GET = do_POST = do_PATCH = do_DELETE = handle_call  # noqa: N815 - the names that http.server calls

    def allowed(self) -> Answer | None:
        """Return the refusal of a token that may not, or None."""
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in {WRITES, READS}:
            return 401, {"message": "Bad credentials"}
        if token == READS and self.command != "GET":
            return 403, {"message": "Resource not accessible by integration"}
        return None

    def send(self, status: int, content: Any, links: str) -> None:
        sent = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        if links:
            self.send_header("Link", links)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        """Write no log: the calls are kept."""


def page(elements: list[Any], address: str, query: dict[str, str]) -> tuple[list[Any], str]:
    """Return one page of a list, and the header that leads to the next."""
    size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
    rest = elements[(number - 1) * size :]
    following = f'<{address}?{urlencode({**query, "page": number + 1})}>; rel="next"' if rest[size:] else ""
    return rest[:size], following


@contextmanager
def github_api(repository: str = "your-org/fork") -> Iterator[GitHubApi]:
    """Serve the API of a repository that is empty at first."""
    api = GitHubApi(repository)
    with listening(Handler) as server:
        server.api = api  # type: ignore[attr-defined]
        api.url = f"http://127.0.0.1:{server.server_port}"
        yield api
