"""A scored model that one environment keeps for the next, in its artefact bucket: `releases/<release>/golden/<model>/`."""

import tempfile
from pathlib import Path

from headrace.golden import FILE, GoldenScores
from headrace_aws.config.project import Project
from headrace_aws.model_context import ModelContext
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.manifest import Release
from headrace_aws.release.store import key
from headrace_aws.s3_objects import download, parsed, uri_of
from headrace_aws.smoke.scoring import ARCHIVE, Scored

_SCORE = "put back a former version of the object, or approve another version and smoke again"


def has_next_environment(project: Project, environment_name: str) -> bool:
    """Tell whether releases go on from an environment to another."""
    return any(each.after == environment_name for each in project.environments.values())


def store_scores(context: ModelContext, release: Release, scored: Scored) -> str:
    """Keep a model and its scores for the environment that comes after, and return their S3 URI."""
    artefacts, prefix = Artefacts(context.aws, context.project), _prefix(context.model, release)
    with tempfile.TemporaryDirectory() as folder, artefacts.readable_errors():
        archive = download(
            context.s3, scored.artefact, Path(folder) / ARCHIVE, "the model that was scored", _SCORE
        )
        with archive.open("rb") as content:
            artefacts.s3.put_object(Bucket=artefacts.bucket, Key=f"{prefix}{ARCHIVE}", Body=content)
        # Last, so that whoever finds the scores finds the model too.
        artefacts.s3.put_object(
            Bucket=artefacts.bucket,
            Key=f"{prefix}{FILE}",
            Body=scored.golden.model_dump_json(indent=2).encode(),
            ContentType="application/json",
        )
    return f"s3://{artefacts.bucket}/{prefix}"


def stored_scores(
    source: Artefacts, release: Release, model: str, folder: Path
) -> tuple[GoldenScores, Path] | None:
    """Return the scores that an environment kept for a release, and the model, fetched into a folder; or None."""
    prefix = _prefix(model, release)
    content = source.content(f"{prefix}{FILE}")
    if content is None:
        return None
    place, remedy = uri_of(source.bucket, prefix), f"`make smoke ENV={source.aws.name}` writes it anew"
    golden = parsed(GoldenScores, content, f"{place}{FILE}", "what a model scored there", remedy)
    archive = download(
        source.s3, f"{place}{ARCHIVE}", folder / ARCHIVE, "the model that was scored there", remedy
    )
    return golden, archive


def _prefix(model: str, release: Release) -> str:
    return key(release.required_manifest.id, f"golden/{model}/")
