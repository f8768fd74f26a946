"""One deployment at a time: a lock of the environment, since its models share the data stack.

It is an object that S3 creates only where there is none (If-None-Match), and that is replaced once it has expired.
"""

import getpass
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from headrace.errors import DeployError
from headrace.settings import Record, record_of
from headrace_aws import formatting
from headrace_aws.release.artefacts import Artefacts

KEY = "locks/deploy.json"
LASTS = timedelta(hours=2)
_PAUSE_SECONDS = 5.0
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}


class Lock(Record):
    """Who deploys, since when, and when the lock expires."""

    holder: str
    since: datetime
    until: datetime


@contextmanager
def deployment_lock(artefacts: Artefacts, wait_minutes: float, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of an environment, after a wait of at most `wait_minutes`.

    Raises `DeployError` with the holder and the remedy when another deployment still has it then.
    """
    etag = _acquired(artefacts, wait_minutes, say)
    try:
        yield
    finally:
        _remove_lock(artefacts, etag)


def _acquired(artefacts: Artefacts, wait_minutes: float, say: Callable[[str], None]) -> str:
    """Return the ETag of the lock, once this process has it."""
    deadline = time.monotonic() + wait_minutes * 60
    waiting_for = ""
    while True:
        etag = _put_lock(artefacts, {"IfNoneMatch": "*"})
        if etag:
            return etag
        found, found_etag = _lock(artefacts)
        if found is None:
            continue  # it was released just now
        if found.until < datetime.now(UTC):
            say(f"the lock of {found.holder} expired at {formatting.moment(found.until)} UTC; taking it over")
            etag = _put_lock(artefacts, {"IfMatch": found_etag})
            if etag:
                return etag
            continue
        told = f"{found.holder} deploys to {artefacts.aws.name} since {formatting.moment(found.since)} UTC"
        if time.monotonic() >= deadline:
            raise DeployError(
                f"{told}; deploy again when that has ended, or WAIT=minutes for it. If it was cut off, the lock "
                f"expires at {formatting.moment(found.until)} UTC, or remove it: "
                f"aws s3 rm s3://{artefacts.bucket}/{KEY}"
            )
        if told != waiting_for:
            say(f"{told}; waiting")
            waiting_for = told
        time.sleep(_PAUSE_SECONDS)


def _put_lock(artefacts: Artefacts, condition: dict[str, str]) -> str:
    """Return the ETag of the lock if it could be written under a condition, else nothing."""
    now = datetime.now(UTC)
    lock = Lock(holder=_holder(), since=now, until=now + LASTS)
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
    return record_of(Lock, answer["Body"].read(), KEY), answer["ETag"]


def _remove_lock(artefacts: Artefacts, etag: str) -> None:
    """Remove the lock, unless it expired and is another's now, or was removed."""
    try:
        artefacts.s3.delete_object(Bucket=artefacts.bucket, Key=KEY, IfMatch=etag)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {*_TAKEN, "NoSuchKey"}:
            raise


def _holder() -> str:
    """Return who deploys: a run of a workflow, or a person at a machine."""
    run = os.environ.get("GITHUB_RUN_ID")
    if run:
        return f"{os.environ.get('GITHUB_REPOSITORY', '')} run {run}"
    return f"{getpass.getuser()}@{os.uname().nodename}"
