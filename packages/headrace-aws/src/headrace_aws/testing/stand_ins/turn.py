"""Waits for the turn of the job that this step belongs to, where its workflow file puts it into a concurrency group."""

import os
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from claims import job_of

LIMIT_SECONDS = 600  # a machine may be busy


def main() -> int:
    """Wait; return the exit status."""
    job = os.environ["GITHUB_JOB"]
    _, described = job_of(Path(os.environ["STAND_IN_REPOSITORY"]), os.environ["GITHUB_WORKFLOW"], job)
    if group := described.get("concurrency", {}).get("group"):
        asked = urlencode({"group": group, "run": os.environ["STAND_IN_STORE"], "job": job})
        address = f"{os.environ['STAND_IN_TURNS']}?{asked}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(address, timeout=LIMIT_SECONDS).close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
