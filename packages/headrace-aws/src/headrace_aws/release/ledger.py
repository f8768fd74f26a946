"""What was deployed when: one object for each deployment of a model, in the artefact bucket.

It is written when a deployment starts and again when it ends, so one that was interrupted stays `started`.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from headrace.settings import Record
from headrace_aws.github.summary import run_address
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.manifest import Release
from headrace_aws.s3_objects import parsed, uri_of

Ending = Literal["deployed", "rolled-back"]

DEPLOYED: Final = "deployed"
ROLLED_BACK: Final = "rolled-back"
FAILED: Final = "failed"
STARTED: Final = "started"
WELL = frozenset({DEPLOYED, ROLLED_BACK})

NEWEST = 50  # deployments are read
_REMEDY = "put back a former version of the object, or delete it if that deployment need not be known"
_REASON_LENGTH = 1000


class Deployment(Record):
    """The deployment of one model. Times are ISO 8601, UTC.

    `goes_back` is one that puts a former release back; when it succeeded, its status is `rolled-back`.
    """

    release: str
    commit: str
    image_digest: str
    manifest_hash: str
    model: str
    who: str
    run: str
    started_at: str
    ended_at: str = ""
    status: Literal["started", "deployed", "failed", "rolled-back"]
    goes_back: bool = False
    reason: str = ""

    @property
    def key(self) -> str:
        """The key of its object: keys sort by time."""
        return f"{_prefix(self.model)}{self.started_at.replace('-', '').replace(':', '')}-{self.release}.json"


@dataclass(frozen=True)
class Ledger:
    """The deployments of one model in an environment."""

    artefacts: Artefacts
    model: str

    def deployments(self, newest: int = NEWEST) -> list[Deployment]:
        """Return the newest deployments, the oldest of them first."""
        found = []
        for key in self.artefacts.keys(_prefix(self.model))[-newest:]:
            content = self.artefacts.content(key)
            if content is not None:  # deleted since it was listed
                uri = uri_of(self.artefacts.bucket, key)
                found.append(parsed(Deployment, content, uri, "the record of a deployment", _REMEDY))
        return found

    def effective(self) -> list[Deployment]:
        """Return what was deployed with success and not rolled back since, the oldest first."""
        return effective(self.deployments())

    def in_place(self) -> Deployment | None:
        """Return what is in place; None when nothing was ever deployed with success."""
        return next(reversed(self.effective()), None)

    @contextmanager
    def recorded(self, release: Release, ending: Ending, reason: str) -> Iterator[None]:
        """Record that a release is deployed: its start, and its success or failure."""
        manifest = release.required_manifest
        begun = Deployment(
            release=manifest.id,
            commit=manifest.commit,
            image_digest=manifest.image_digest,
            manifest_hash=release.manifest_hash,
            model=self.model,
            who=self.artefacts.aws.client("sts").get_caller_identity()["Arn"],
            run=this_run(),
            started_at=_now(),
            status=STARTED,
            goes_back=ending == ROLLED_BACK,
            reason=reason,
        )
        self._write(begun)
        try:
            yield
        except BaseException as error:
            cause = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)[:_REASON_LENGTH]
            self._write(begun.model_copy(update={"status": FAILED, "ended_at": _now(), "reason": cause}))
            raise
        self._write(begun.model_copy(update={"status": ending, "ended_at": _now()}))

    def _write(self, deployment: Deployment) -> None:
        with self.artefacts.readable_errors():
            self.artefacts.s3.put_object(
                Bucket=self.artefacts.bucket,
                Key=deployment.key,
                Body=deployment.model_dump_json(indent=2).encode(),
                ContentType="application/json",
            )


def effective(deployments: Sequence[Deployment]) -> list[Deployment]:
    """Return what was deployed with success and not rolled back since, the oldest first: the last is in place."""
    stack: list[Deployment] = []
    for one in deployments:
        if one.status not in WELL:
            continue
        if one.status == ROLLED_BACK:
            # Whatever was deployed after it is rolled back with it.
            while stack and stack[-1].release != one.release:
                stack.pop()
        if stack and stack[-1].release == one.release:
            stack.pop()
        stack.append(one)
    return stack


def former(deployments: Sequence[Deployment]) -> Deployment | None:
    """Return what to roll back to: what was in place before the newest deployment, whether it succeeded or not.

    After a rollback that failed it is the same one.
    """
    stack = effective(deployments)
    if not deployments or not stack:
        return None
    newest = deployments[-1]
    if newest.status not in WELL:
        return newest if newest.goes_back else stack[-1]
    return stack[-2] if len(stack) > 1 else None


def _prefix(model: str) -> str:
    return f"deployments/{model}/"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def this_run() -> str:
    """Return the address of the attempt of a workflow run that this is part of; empty outside of a workflow."""
    address, attempt = run_address(), os.environ.get("GITHUB_RUN_ATTEMPT", "")
    return f"{address}/attempts/{attempt}" if address and attempt else address
