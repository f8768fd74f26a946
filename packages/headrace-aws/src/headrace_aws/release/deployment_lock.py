"""One deployment at a time: a lock of the environment, since its models share the data stack. Who destroys it takes it, too.

It is an object that S3 creates only where there is none (If-None-Match), and that is replaced once it has expired. On the
local AWS it is a file, which is free as soon as its holder has ended.
"""

import argparse
import getpass
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from botocore.exceptions import ClientError

from headrace.arguments import MINUTES
from headrace.errors import DeployError
from headrace.settings import Record
from headrace_aws import formatting
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.s3_objects import parsed, uri_of
from headrace_local.exclusive import exclusive

KEY = "locks/deploy.json"
LASTS = timedelta(hours=2)
_PAUSE_SECONDS = 5.0
_SHORT_PAUSE_SECONDS = 0.1
_PATIENCE_SECONDS = 60.0
_LOCAL_MINUTES = 30
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}


class Lock(Record):
    """Who deploys, since when, and when the lock expires."""

    holder: str
    since: datetime
    until: datetime
    doing: str = "deploys to"


def add_wait_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that says how long to wait for the lock."""
    parser.add_argument(
        "--wait", type=MINUTES, default=0, metavar="MINUTES", help="for another deployment to end"
    )


@contextmanager
def deployment_lock(
    artefacts: Artefacts, wait_minutes: float, say: Callable[[str], None], doing: str = "deploys to"
) -> Iterator[None]:
    """Hold the lock of an environment, after a wait of at most `wait_minutes`.

    Raises `DeployError` with the holder and the remedy when another deployment still has it then.
    """
    etag = _acquired(artefacts, wait_minutes, say, doing)
    try:
        yield
    finally:
        _remove_lock(artefacts, etag)


def local_lock(home: Path, doing: str, say: Callable[[str], None]) -> AbstractContextManager[None]:
    """Hold the lock of the local AWS in `home`, after a wait for another command that changes its stacks.

    On entering it raises `LocalAwsError` that names the other, when that is still at work after half an hour.
    """
    return exclusive(home / "deploy.lock", doing, _LOCAL_MINUTES, say)


def _acquired(artefacts: Artefacts, wait_minutes: float, say: Callable[[str], None], doing: str) -> str:
    """Return the ETag of the lock, once this process has it."""
    deadline = time.monotonic() + wait_minutes * 60
    waiting_for = ""
    while True:
        etag = _put_lock(artefacts, doing, {"IfNoneMatch": "*"})
        if etag:
            return etag
        found, found_etag = _lock(artefacts)
        if found is None:  # it was released just now
            if time.monotonic() >= deadline + _PATIENCE_SECONDS:
                raise DeployError(
                    f"the lock s3://{artefacts.bucket}/{KEY} changes hands all the time; deploy again later"
                )
            time.sleep(_SHORT_PAUSE_SECONDS)
            continue
        if found.until < datetime.now(UTC):
            say(f"the lock of {found.holder} expired at {formatting.moment(found.until)} UTC; taking it over")
            etag = _put_lock(artefacts, doing, {"IfMatch": found_etag})
            if etag:
                return etag
            continue  # another one was faster, and its lock is a new one
        holding = (
            f"{found.holder} {found.doing} {artefacts.aws.name} since {formatting.moment(found.since)} UTC"
        )
        if time.monotonic() >= deadline:
            raise DeployError(
                f"{holding}; deploy again when that has ended, or WAIT=minutes for it. If it was cut off, the lock "
                f"expires at {formatting.moment(found.until)} UTC, or remove it: "
                f"aws s3 rm s3://{artefacts.bucket}/{KEY}"
            )
        if holding != waiting_for:
            say(f"{holding}; waiting, {wait_minutes:g} minutes at most")
            waiting_for = holding
        time.sleep(_PAUSE_SECONDS)


def _put_lock(artefacts: Artefacts, doing: str, condition: dict[str, str]) -> str:
    """Return the ETag of the lock if it could be written under a condition, else nothing."""
    now = datetime.now(UTC)
    lock = Lock(holder=_holder(), since=now, until=now + LASTS, doing=doing)
    with artefacts.readable_errors():
        try:
            answer = artefacts.s3.put_object(
                Bucket=artefacts.bucket,
                Key=KEY,
                Body=lock.model_dump_json(indent=2).encode(),
                ContentType="application/json",
                **condition,  # type: ignore[arg-type] # one of two optional headers
            )
        except ClientError as error:
            # NoSuchKey: it was to be replaced, and is gone.
            if error.response["Error"]["Code"] in {*_TAKEN, "NoSuchKey"}:
                return ""
            raise
    return answer["ETag"]


def _lock(artefacts: Artefacts) -> tuple[Lock | None, str]:
    """Return the lock that is held, and its ETag."""
    with artefacts.readable_errors():
        try:
            answer = artefacts.s3.get_object(Bucket=artefacts.bucket, Key=KEY)
        except artefacts.s3.exceptions.NoSuchKey:
            return None, ""
    uri = uri_of(artefacts.bucket, KEY)
    remedy = "delete it when no deployment runs"
    return parsed(Lock, answer["Body"].read(), uri, "the lock of a deployment", remedy), answer["ETag"]


def _remove_lock(artefacts: Artefacts, etag: str) -> None:
    """Remove the lock, unless it expired and is another's now, or was removed."""
    try:
        artefacts.s3.delete_object(Bucket=artefacts.bucket, Key=KEY, IfMatch=etag)
    except ClientError as error:
        # NoSuchBucket: the environment was destroyed with it.
        if error.response["Error"]["Code"] not in {*_TAKEN, "NoSuchKey", "NoSuchBucket"}:
            raise


def _holder() -> str:
    """Return who deploys: a run of a workflow, or a person at a machine."""
    run = os.environ.get("GITHUB_RUN_ID")
    if run:
        return f"{os.environ.get('GITHUB_REPOSITORY', '')} run {run}"
    return f"{getpass.getuser()}@{os.uname().nodename}"
