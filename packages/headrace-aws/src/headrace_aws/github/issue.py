"""An issue for what failed: one, however often it fails until the issue is closed."""

import hashlib

from headrace_aws.github.api import GitHub, is_by_bot


def open_issue(github: GitHub, title: str, body: str) -> int:
    """Open an issue, or comment on the open one of that title; return its number.

    Only issues of a bot count, as anybody can write one that looks the same.

    Raises:
        GitHubError: GitHub refused.
    """
    marker = f"<!-- headrace:issue {hashlib.sha256(title.encode()).hexdigest()[:12]} -->"
    for each in github.pages("issues?state=open"):
        # The list holds pull requests too.
        if marker in (each["body"] or "") and "pull_request" not in each and is_by_bot(each):
            github.call("POST", f"issues/{each['number']}/comments", {"body": body})
            return int(each["number"])
    return int(github.call("POST", "issues", {"title": title, "body": f"{marker}\n{body}"})["number"])
