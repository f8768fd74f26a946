"""The smoke check from its first question to the verdict, where a model cannot be scored."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from rendered_projects import rendered_in
from scored_models import COMMIT, SCORED

from headrace_aws.asl.render import FILES, rendered
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.deploy.deployment import deploy
from headrace_aws.model_context import ModelContext
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.manifest import FILE, Manifest, Release
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.smoke.remedy import deploy_command
from headrace_aws.smoke.scoring import Scored
from headrace_aws.smoke.smoke import FAILED, smoke
from headrace_aws.smoke.store import store_scores
from headrace_aws.teardown.objects import remove_bucket
from headrace_local.testing import LocalAws

IDENTITY = f"000001-{COMMIT[:12]}"


@pytest.fixture
def project() -> Project:
    """A project of its own, in which releases go from an environment to another; both are on the local AWS."""
    project = load_project()
    local = project.environment(LOCAL)
    environments = {
        LOCAL: local,
        "first": local,
        "second": local.model_copy(update={"after": "first"}),
    }
    return project.model_copy(update={"name": f"t{uuid4().hex[:9]}", "environments": environments})


@pytest.fixture
def context(local_aws: LocalAws, project: Project) -> ModelContext:
    """The environment that comes second; the bucket of the first is there."""
    local = aws_session(project, LOCAL, local_aws.home)
    found = replace(local, name="second", environment=project.environment("second"))
    made = ModelContext(found, project, next(iter(project.models)))
    made.s3.create_bucket(Bucket=Artefacts(found, project).bucket)
    return made


@pytest.fixture
def release(project: Project, tmp_path: Path) -> Release:
    """A release with a manifest, and the definitions both of a release and of a work tree."""
    manifest = Manifest(
        id=IDENTITY, commit=COMMIT, project=project.name, image_digest=f"sha256:{'a' * 64}", files={}
    )
    (tmp_path / FILE).write_text(manifest.model_dump_json())
    made = replace(rendered_in(tmp_path, project), manifest=manifest)
    FILES.write(rendered(project), tmp_path / made.definitions)
    return made


def scored_in_the_first(context: ModelContext, release: Release) -> None:
    """Keep a model in the environment before, as its own smoke check does."""
    bucket = Artefacts(context.aws, context.project).bucket
    context.s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=b"a model")
    store_scores(context, release, Scored(f"s3://{bucket}/model.tar.gz", SCORED))


def test_a_model_that_is_not_deployed_fails_its_checks(context: ModelContext, release: Release) -> None:
    """Each check that fails says the command with the release, and the command goes on to its verdict."""
    scored_in_the_first(context, release)
    said: list[str] = []
    assert smoke(context, release, said.append) == FAILED
    assert any(line.startswith("FAILED  scoring") for line in said)
    remedies = {line.strip() for line in said if "remedy" in line}
    assert remedies == {f"remedy: make deploy ENV=second RELEASE={IDENTITY}"}
    assert said[-1].endswith("checks failed")


def test_a_model_that_cannot_be_lent_does_not_hide_the_own_one(
    context: ModelContext, release: Release
) -> None:
    """What has begun is waited for and told, also where the model of the environment before cannot be brought."""
    scored_in_the_first(context, release)
    local: AwsSession = replace(context.aws, name=LOCAL)
    deploy(local, replace(release, manifest=None), context.model, lambda _: None)
    remove_bucket(context.s3, context.bucket, lambda _: None)
    said: list[str] = []
    assert smoke(context, release, said.append) == FAILED
    assert any(line.startswith("FAILED  skew against first") and "NoSuchBucket" in line for line in said)
    assert any("  inference " in line or line.startswith("FAILED  scoring") for line in said)


@pytest.mark.parametrize(
    ("name", "kind", "command"),
    [
        ("second", "release", f"make deploy ENV=second RELEASE={IDENTITY}"),
        (LOCAL, "work tree", "make deploy ENV=local"),
        ("second", "unknown", "make deploy ENV=second RELEASE=<id>"),
        ("first", "unknown", "make deploy ENV=first RELEASE=dist/release"),
    ],
)
def test_the_remedy_names_what_the_environment_takes(
    context: ModelContext, release: Release, name: str, kind: str, command: str
) -> None:
    """A release by its id, the work tree without; where none is known, what the environment could take."""
    found = replace(context.aws, name=name, environment=context.project.environment(name))
    given = {"release": release, "work tree": replace(release, manifest=None), "unknown": None}
    assert deploy_command(found, given[kind]) == command
