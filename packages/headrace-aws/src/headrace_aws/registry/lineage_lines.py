"""A lineage in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from headrace_aws import formatting
from headrace_aws.data.raw_objects import verification
from headrace_aws.registry.lineage import Lineage
from headrace_aws.registry.packages import APPROVED, PENDING, Package

_LISTED = 10  # how many predictions are listed


def lineage_lines(lineage: Lineage) -> list[str]:
    """Return the chain from the package down to raw objects and commit, each link under its name."""
    links: dict[str, Iterator[str]] = {
        "model package": _package(lineage.package),
        "approval": iter([approval_text(lineage.package)]),
        "evaluation": _evaluation(lineage),
        "run": _run(lineage),
        "hyperparameters": iter([_pairs(lineage.run.hyperparameters)] if lineage.run else []),
        "artefact": _artefact(lineage),
        "data": _data(lineage),
        "raw objects": _raw_objects(lineage),
        "code": _code(lineage.package),
        "predictions": _predictions(lineage),
    }
    rows = []
    for name, texts in links.items():
        rows += [[name if not number else "", text] for number, text in enumerate(texts)]
    return formatting.columns(rows)


def approval_text(package: Package) -> str:
    """Return a version's approval status with whoever decided, why and when."""
    if package.approval == PENDING:
        return f"{PENDING}: it waits for `make approve` or `make reject`"
    note = package.approval_note
    if not note:
        by_policy = package.approval == APPROVED
        note = (
            "no name is recorded, as when the pipeline approves by policy"
            if by_policy
            else "no name is recorded"
        )
    # A note that names another status is of an earlier decision: then both are shown.
    text = note if note.startswith(f"{package.approval} ") else f"{package.approval}: {note}"
    return f"{text} ({formatting.moment(package.changed_at)} UTC)"


def _package(package: Package) -> Iterator[str]:
    yield package.arn
    yield f"registered {formatting.moment(package.registered_at)} UTC"


def _evaluation(lineage: Lineage) -> Iterator[str]:
    yield lineage.package.evaluation or "none: the version was registered without one"
    if isinstance(lineage.evaluation, str):
        yield lineage.evaluation
    elif lineage.evaluation:
        yield str(lineage.evaluation["verdict"]["summary"])
        yield _pairs(lineage.evaluation["metrics"])


def _run(lineage: Lineage) -> Iterator[str]:
    run = lineage.run
    if run is None:
        yield lineage.package.execution or "not known: the version was not registered by a pipeline"
        yield "which has no record in the run table"
        return
    yield run.execution
    yield (
        f"{run.pipeline}, {run.status}, started {formatting.moment(run.started_at)} UTC, "
        f"took {formatting.duration(run.seconds)}" + (f", started by {run.trigger}" if run.trigger else "")
    )
    if run.report:
        yield f"report {run.report}"


def _artefact(lineage: Lineage) -> Iterator[str]:
    yield lineage.package.artefact or "none"
    if lineage.artefact is None:
        return
    if isinstance(lineage.artefact, str):
        yield lineage.artefact
        return
    sha256 = f", sha256 {lineage.artefact.sha256}" if lineage.artefact.sha256 else ""
    yield f"{formatting.size(lineage.artefact.size)}, version {lineage.artefact.version_id or '-'}{sha256}"


def _data(lineage: Lineage) -> Iterator[str]:
    yield f"fingerprint {lineage.data_fingerprint or 'not known'}"
    recorded = lineage.package.data_fingerprint
    if recorded and recorded != lineage.data_fingerprint:
        yield f"THE REGISTRY SAYS ANOTHER: {recorded}"
    if lineage.profile is None:
        yield "its profile cannot be found in the run's folder, so rows and times are not known"
        return
    for name, part in lineage.profile.splits.items():
        yield f"{name} {part.rows:,} rows, {part.first} to {part.last}"


def _raw_objects(lineage: Lineage) -> Iterator[str]:
    if lineage.raw is None:
        yield "not verified: without the run's record its start is not known, nor which versions it read"
        return
    yield lineage.raw.uri
    if not lineage.raw.is_known:
        yield "which is the default: Step Functions no longer has the run's input, which may have named another"
    table = [
        [
            found.name,
            f"version {found.version_id}",
            formatting.size(found.size),
            f"sha256 {found.sha256 or '-'}",
        ]
        for found in lineage.objects
    ]
    yield from formatting.columns(table)
    rows = lineage.profile.raw_rows if lineage.profile else {}
    if rows:
        yield f"rows: {_pairs(rows)}"
    yield verification(lineage.objects, lineage.data_fingerprint)


def _code(package: Package) -> Iterator[str]:
    yield f"commit {package.commit or 'not known'}"
    if package.code_fingerprint:
        yield f"fingerprint {package.code_fingerprint}"
    yield f"image {package.image or 'not known'}"


def _predictions(lineage: Lineage) -> Iterator[str]:
    if not lineage.predictions:
        yield "none recorded"
        return
    yield from formatting.columns(
        [
            [
                formatting.moment(run.started_at),
                run.status,
                f"{formatting.figure(run.metrics.get('rows'))} rows",
                run.name,
            ]
            for run in lineage.predictions[:_LISTED]
        ]
    )
    if len(lineage.predictions) > _LISTED:
        yield f"and {formatting.count(len(lineage.predictions) - _LISTED, 'older run')}"


def _pairs(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {formatting.figure(value)}" for name, value in values.items()) or "none"
