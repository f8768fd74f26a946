"""What the tests share: one local AWS whose jobs run the models of this checkout, and what is made on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from release_forks import STAND_INS, Fork, made_fork
from run_records import ModelRecords

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.local_aws import settings
from headrace_aws.model_context import ModelContext
from headrace_aws.session import aws_session
from headrace_aws.testing.shared import long_first
from headrace_local.testing import LocalAws, served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = long_first(items)


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One server for the whole session; tests keep apart by the names that they give to things."""
    home = tmp_path_factory.mktemp("local-aws")
    with served(home, settings(load_project(), project_root())) as running:
        yield running


@pytest.fixture(scope="session")
def storage(local_aws: LocalAws) -> ModelContext:
    """Run table and bucket of a project, made once: its models do not meet in them."""
    project = load_project().model_copy(update={"name": f"m{uuid4().hex[:12]}"})
    context = ModelContext(aws_session(project, LOCAL, local_aws.home), project, next(iter(project.models)))
    context.dynamodb.create_table(
        TableName=context.table,
        KeySchema=[
            {"AttributeName": "model", "KeyType": "HASH"},
            {"AttributeName": "run", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "model", "AttributeType": "S"},
            {"AttributeName": "run", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    region: Any = {"LocationConstraint": context.aws.region}
    extra: Any = {} if context.aws.region == "us-east-1" else {"CreateBucketConfiguration": region}
    context.s3.create_bucket(Bucket=context.bucket, **extra)
    context.s3.put_bucket_versioning(Bucket=context.bucket, VersioningConfiguration={"Status": "Enabled"})
    return context


@pytest.fixture
def records(storage: ModelContext) -> ModelRecords:
    """A model that nothing has run for yet, with a registry group of its own."""
    name = f"m{uuid4().hex[:12]}"
    project = storage.project.model_copy(update={"models": {name: storage.project.model(storage.model)}})
    context = ModelContext(storage.aws, project, name)
    context.sagemaker.create_model_package_group(ModelPackageGroupName=context.group)
    return ModelRecords(context)


@pytest.fixture
def fork(tmp_path: Path, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Fork:
    """A fork with one commit, whose commands reach the local AWS and the stand-ins."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")  # of the stand-in for skopeo
    monkeypatch.setenv("PATH", str(STAND_INS), prepend=":")
    return made_fork(tmp_path / "fork", local_aws)
