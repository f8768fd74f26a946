"""The lineage of a model package: from the registry back to raw objects and commit, and on to its predictions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from headrace import strict_json
from headrace.model import load_model
from headrace.profile import Profile
from headrace_aws.data.raw_objects import RawObject, raw_objects_at
from headrace_aws.model_context import ModelContext
from headrace_aws.registry.packages import Package
from headrace_aws.runs.records.profiles import profile_of_run
from headrace_aws.runs.records.run_record import RunRecord
from headrace_aws.runs.records.table import runs
from headrace_aws.runs.summary import evaluation_at
from headrace_aws.s3_objects import ObjectError, reading
from headrace_local.grammars.s3_uri import bucket_and_key

INFERENCE = "inference"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Artefact:
    """The object that holds a model."""

    version_id: str
    size: int  # bytes
    sha256: str  # empty when it was not asked for


@dataclass(frozen=True)
class RawFolder:
    """Where a run read its raw tables."""

    uri: str
    is_known: bool  # or is the default, as Step Functions no longer has the run's input


@dataclass(frozen=True)
class Lineage:
    """Everything that made a model package, and what was made with it; None is what cannot be found."""

    package: Package
    evaluation: Mapping[str, Any] | str | None  # a text says why it cannot be read
    run: RunRecord | None
    artefact: Artefact | str | None  # likewise
    profile: Profile | None
    raw: RawFolder | None
    objects: tuple[RawObject, ...]
    predictions: tuple[RunRecord, ...]  # the newest first

    @property
    def data_fingerprint(self) -> str:
        """The fingerprint of the raw tables: as the run's prepare job took it, or as the registry holds it."""
        return self.profile.data_fingerprint if self.profile else self.package.data_fingerprint


def lineage_of(context: ModelContext, package: Package, *, checksum: bool = False) -> Lineage:
    """Return the lineage of a version; `checksum` reads its whole artefact to take the SHA-256."""
    run = next(runs(context, execution=package.execution), None) if package.execution else None
    profile = profile_of_run(context, run) if run else None
    raw = _raw_folder(context, run) if run else None
    return Lineage(
        package=package,
        evaluation=evaluation_of(context, package),
        run=run,
        artefact=_artefact(context, package.artefact, checksum=checksum),
        profile=profile,
        raw=raw,
        objects=_objects(context, raw, run, profile) if run and raw else (),
        predictions=tuple(runs(context, pipeline=INFERENCE, model_package_arn=package.arn)),
    )


def evaluation_of(context: ModelContext, package: Package) -> dict[str, Any] | str | None:
    """Return the evaluation that a version was registered with; None when it has none; why it cannot be read."""
    if not package.evaluation:
        return None
    try:
        return evaluation_at(context.s3, package.evaluation)
    except ObjectError as error:
        return str(error)


def _objects(
    context: ModelContext, raw: RawFolder, run: RunRecord, profile: Profile | None
) -> tuple[RawObject, ...]:
    """Return the raw objects as they were when the run started."""
    # The profile tells which tables the run read; without it, those that the model has today.
    tables = profile.raw_rows if profile else _tables_today(context)
    bucket, prefix = bucket_and_key(raw.uri)
    return tuple(raw_objects_at(context.s3, bucket, prefix, tables, run.started_at))


def _tables_today(context: ModelContext) -> list[str]:
    model = load_model(context.project.model(context.model).package)
    return [table.name for table in model.tables]


def _raw_folder(context: ModelContext, run: RunRecord) -> RawFolder:
    """Return where a run read its raw tables: where its input said, or the model's own folder."""
    default = f"s3://{context.bucket}/{context.model}/raw/"
    try:
        given = strict_json.loads(
            context.states.describe_execution(executionArn=run.execution)["input"], "the input"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return RawFolder(default, is_known=False)
    return RawFolder(given.get("raw", default), is_known=True)


def _artefact(context: ModelContext, uri: str, *, checksum: bool) -> Artefact | str | None:
    if not uri:
        return None
    bucket, key = bucket_and_key(uri)
    try:
        with reading(uri, "the model", "put back a former version of the object"):
            found = context.s3.head_object(Bucket=bucket, Key=key)
            sha256 = _sha256(context, bucket, key) if checksum else ""
    except ObjectError as error:
        return str(error)
    return Artefact(found.get("VersionId", ""), found["ContentLength"], sha256)


def _sha256(context: ModelContext, bucket: str, key: str) -> str:
    digest = hashlib.sha256()
    for chunk in context.s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
