"""The summary of a job, which GitHub shows on the page of the run."""

import os
from pathlib import Path

from headrace_aws.github.comment import cut

LIMIT = 1_000_000  # GitHub takes 1 MiB a step, and drops what is longer


def add_summary(markdown: str) -> None:
    """Add to the job's summary; outside a job there is none, and nothing happens."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if file:
        with Path(file).open("a", encoding="utf-8") as summary:
            summary.write(f"{cut(markdown.strip(), LIMIT)}\n\n")


def run_address() -> str:
    """Return the address of the run that this job belongs to; empty outside of one."""
    server, repository, run = (
        os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
