"""The release pull request, whose merge promotes where GitHub offers no reviewers of an environment."""

from headrace_aws.github.api import GitHub


def update_pull_request(github: GitHub, base: str, head: str, title: str, body: str) -> int:
    """Open the pull request from branch `head` to branch `base`, or update the open one; return its number.

    Raises:
        GitHubError: GitHub refused, as where a branch is missing or Actions may open no pull requests.
    """
    owner = github.repository.partition("/")[0]
    for each in github.pages(f"pulls?state=open&base={base}&head={owner}:{head}"):
        github.call("PATCH", f"pulls/{each['number']}", {"title": title, "body": body})
        return int(each["number"])
    made = github.call("POST", "pulls", {"base": base, "head": head, "title": title, "body": body})
    return int(made["number"])
