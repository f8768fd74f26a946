"""The token that GitHub would give a job: its claims, from the real workflow file and the event."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


class NoTokenError(Exception):
    """GitHub gives this job no token."""


def claims(folder: Path, event: Mapping[str, Any], variables: Mapping[str, str], now: int) -> dict[str, Any]:
    """Return the claims of the job's token.

    Args:
        folder: the clone, with the workflow files.
        event: what started the run.
        variables: the job's variables `GITHUB_*`.
        now: seconds since 1970.

    Raises:
        NoTokenError: the job has no `id-token: write`, or the pull request is a fork's.

    """
    file, job = job_of(folder, variables["GITHUB_WORKFLOW"], variables["GITHUB_JOB"])
    repository = event["repository"]
    if is_of_a_fork(event):
        raise NoTokenError("a fork's pull request gets no token")
    if (job.get("permissions") or {}).get("id-token") != "write":
        raise NoTokenError(f"job {variables['GITHUB_JOB']} of {file.name} has no `id-token: write`")
    owner, name = repository["full_name"].split("/")
    # As repositories have it that were made after 15 July 2026.
    prefix = f"repo:{owner}@{repository['owner']['id']}/{name}@{repository['id']}"
    environment = environment_of(job, event)
    where = (
        f"environment:{environment}"
        if environment
        else "pull_request" if "pull_request" in event else f"ref:{variables['GITHUB_REF']}"
    )
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"{prefix}:{where}",
        "iat": now,
        "exp": now + 300,
        "ref": variables["GITHUB_REF"],
        "repository": repository["full_name"],
        "repository_id": str(repository["id"]),
        "event_name": variables["GITHUB_EVENT_NAME"],
        "job_workflow_ref": f"{repository['full_name']}/.github/workflows/{file.name}@{variables['GITHUB_REF']}",
        **({"environment": environment} if environment else {}),
    }


def job_of(folder: Path, workflow: str, job: str) -> tuple[Path, dict[str, Any]]:
    """Return the file of a workflow of that name, and a job of it."""
    for file in sorted((folder / ".github" / "workflows").glob("*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if content["name"] == workflow:
            return file, content["jobs"][job]
    raise LookupError(f"no workflow is named {workflow}")


def environment_of(job: Mapping[str, Any], event: Mapping[str, Any]) -> str | None:
    """Return the environment of a job, which may be an input of the person who started the run."""
    environment = job.get("environment")
    if environment is None:
        return None
    given = re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", environment)
    return str(event["inputs"][given[1]]) if given else str(environment)


def is_of_a_fork(event: Mapping[str, Any]) -> bool:
    """Return whether the event is of a pull request from another repository."""
    if "pull_request" not in event:
        return False
    return bool(event["pull_request"]["head"]["repo"]["full_name"] != event["repository"]["full_name"])


def job_variables() -> dict[str, str]:
    """Return the variables that GitHub sets for the job."""
    return {name: value for name, value in os.environ.items() if name.startswith("GITHUB_")}


def job_event() -> dict[str, Any]:
    """Return what started the run."""
    read: dict[str, Any] = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    return read
