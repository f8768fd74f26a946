"""A scored model, kept for the environment that comes after, and found there."""

from pathlib import Path
from uuid import uuid4

import pytest
from scored_models import COMMIT, SCORED

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.model_context import ModelContext
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.manifest import Manifest, Release
from headrace_aws.session import aws_session
from headrace_aws.smoke.scoring import Scored
from headrace_aws.smoke.store import has_next_environment, store_scores, stored_scores
from headrace_local.testing import LocalAws

ROOT = project_root()


@pytest.fixture
def context(local_aws: LocalAws) -> ModelContext:
    """A project of its own with a data bucket and an artefact bucket."""
    project = load_project().model_copy(update={"name": f"t{uuid4().hex[:9]}"})
    made = ModelContext(aws_session(project, LOCAL, local_aws.home), project, next(iter(project.models)))
    for bucket in (made.bucket, Artefacts(made.aws, project).bucket):
        made.s3.create_bucket(Bucket=bucket)
    return made


def release(context: ModelContext, number: int) -> Release:
    identity = f"{number:06}-{COMMIT[:12]}"
    manifest = Manifest(
        id=identity, commit=COMMIT, project=context.project.name, image_digest=f"sha256:{'a' * 64}", files={}
    )
    return Release(ROOT, context.project, manifest)


def test_what_is_kept_for_a_release_is_found_by_it(context: ModelContext, tmp_path: Path) -> None:
    """Model and scores come back as they were, for this release and for no other."""
    key = f"{context.model}/runs/training/one/train/model.tar.gz"
    context.s3.put_object(Bucket=context.bucket, Key=key, Body=b"a model")
    store_scores(context, release(context, 1), Scored(f"s3://{context.bucket}/{key}", SCORED))

    source = Artefacts(context.aws, context.project)
    found = stored_scores(source, release(context, 1), context.model, tmp_path)
    assert found is not None
    assert found[0] == SCORED
    assert found[1].read_bytes() == b"a model"
    assert stored_scores(source, release(context, 2), context.model, tmp_path) is None


def test_only_what_others_take_releases_from_keeps_models() -> None:
    """For prod dev keeps them; prod and local keep nothing."""
    project = load_project()
    followed = {name for name in project.environments if has_next_environment(project, name)}
    assert followed == {environment.after for environment in project.environments.values()} - {None}
