"""GitHub's REST API, over urllib: a call, and all pages of a list."""

import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace import strict_json
from headrace.errors import ConfigurationError, GitHubError

VERSION = "2022-11-28"  # of the API: GitHub keeps what a version answers
PAGE_SIZE = 100  # the largest
TIMEOUT_SECONDS = 30
REMEDIES = {
    401: "the token is missing or has expired",
    403: "the token may not: give the job the permission that its `permissions` lack; a fork's token only reads",
    404: "it does not exist, or the token may not see it",
}


@dataclass(frozen=True)
class GitHub:
    """A repository on GitHub, and the token to call with."""

    url: str
    repository: str
    token: str = field(repr=False)

    def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Return what GitHub answers to a call on a path of the repository, such as `issues/7`.

        Raises:
            GitHubError: it refused, or did not answer.
        """
        return self._answer(method, self._address(path), body)[0]

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield each element of a list, from all of its pages.

        Raises:
            GitHubError: it refused, or did not answer.
        """
        address: str | None = f"{self._address(path)}{'&' if '?' in path else '?'}per_page={PAGE_SIZE}"
        while address:
            elements, links = self._answer("GET", address)
            yield from elements
            address = next_page(links)

    def _address(self, path: str) -> str:
        return f"{self.url}/repos/{self.repository}/{path}"

    def _answer(self, method: str, address: str, body: Mapping[str, Any] | None = None) -> tuple[Any, str]:
        """Return the answer's content, and its header `Link`."""
        if not address.startswith(f"{self.url}/"):
            raise GitHubError(f"{address} is not at {self.url}: the token does not go there")
        request = urllib.request.Request(  # noqa: S310 - the address was held against GITHUB_API_URL
            address,
            method=method,
            data=None if body is None else strict_json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": VERSION,
            },
        )
        name = f"{method} {address.removeprefix(self.url)}"
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
                content = answer.read()
                return (strict_json.loads(content, "the answer") if content else None), answer.headers.get(
                    "Link", ""
                )
        except urllib.error.HTTPError as error:
            raise GitHubError(f"GitHub refused {name}: {refusal(error)}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = " ".join(str(getattr(error, "reason", error)).split())
            raise GitHubError(
                f"GitHub did not answer {name}: {reason}; see that the network reaches {self.url}, and try again"
            ) from error


def github() -> GitHub:
    """Return the repository that the job runs in, from the variables that GitHub sets, and GITHUB_TOKEN.

    Raises:
        ConfigurationError: a variable is missing, or is none.
    """
    missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not os.environ.get(name)]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} not set; a workflow's step sets GITHUB_TOKEN by `env`, GitHub sets the rest"
        )
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", os.environ["GITHUB_REPOSITORY"], re.ASCII):
        raise ConfigurationError(
            f"GITHUB_REPOSITORY is {os.environ['GITHUB_REPOSITORY']!r}; it has to be owner/name of a repository"
        )
    if not re.fullmatch(r"[!-~]+", os.environ["GITHUB_TOKEN"]):  # whose value no message may have
        raise ConfigurationError(
            "GITHUB_TOKEN has a character that no token has, such as a line break; set it without"
        )
    url = os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    if not re.fullmatch(r"https?://[\w.-]+(:\d{1,5})?(/[\w./-]*)?", url, re.ASCII):
        raise ConfigurationError(
            f"GITHUB_API_URL is {url!r}; it has to be an address such as https://api.github.com"
        )
    return GitHub(url, os.environ["GITHUB_REPOSITORY"], os.environ["GITHUB_TOKEN"])


def is_by_bot(element: Mapping[str, Any]) -> bool:
    """Tell whether a comment or an issue was written with the token of a workflow or an app, and by no person."""
    user = element.get("user") or {}  # null when the account is gone
    return user.get("login") == "github-actions[bot]" or user.get("type") == "Bot"


def next_page(links: str) -> str | None:
    """Return the address of the next page from a header `Link`, None on the last page."""
    for link in links.split(","):
        address, _, relation = link.strip().partition(";")
        if relation.strip() == 'rel="next"':
            return address.strip("<>")
    return None


def refusal(error: urllib.error.HTTPError) -> str:
    """Return the status, GitHub's own message with its details, and the remedy where one is known."""
    try:
        answer = strict_json.loads(error.read(), "the answer")
        message = str(answer["message"])
        details = [str(each.get("message") or each) for each in answer.get("errors", [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        message, details = error.reason, []
    remedy = f" ({REMEDIES[error.code]})" if error.code in REMEDIES else ""
    return f"{error.code} {'; '.join([message, *details])}{remedy}"
