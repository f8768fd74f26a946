"""An environment that was deployed and used is destroyed: what remains costs nothing."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from headrace.errors import ConfigurationError, DeployError
from infra import names, stack_status
from infra.aws import Clients, clients
from infra.change_set import Stack, deploy_stack
from infra.deploy import deploy
from infra.destroy.__main__ import UNCONFIRMED, destroy
from infra.destroy.inventory import Inventory
from infra.destroy.remains import left_over
from infra.destroy.taking import check_free
from infra.project_stacks import DeployedStack, stack_named
from infra.run import start
from infra.target import Pipeline
from infra.wanted import data_stack
from pipelines.environment import LOCAL
from pipelines.project import Project, load_project
from tests.conftest import LocalAws
from tests.infra.test_deploy import rendered_in

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
# Waits for so long that only stopping it ends it.
WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
# What the bootstrap stack has that could cost money.
BOOTSTRAP = """
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties: {BucketName: %s, VersioningConfiguration: {Status: Enabled}}
  Repository:
    Type: AWS::ECR::Repository
    DeletionPolicy: Retain
    Properties: {RepositoryName: %s}
"""
NETWORK = "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s-network}}}"


@pytest.fixture
def found(local_aws: LocalAws) -> Clients:
    return clients(PROJECT, LOCAL, local_aws.home)


@pytest.fixture
def project() -> Project:
    """The project under a name of its own, so that tests share a server and no stack."""
    return PROJECT.model_copy(update={"name": f"t{uuid4().hex[:9]}"})


def use(found: Clients, project: Project, folder: Path) -> None:
    """Deploy a project, start a run that does not end, and leave data of every kind."""
    s3, bucket = found.client("s3"), names.artefact_bucket(project, found.environment)
    for name, template in (
        (names.bootstrap_stack(project), BOOTSTRAP % (bucket, project.name)),
        (names.network_stack(project), NETWORK % project.name),
    ):
        file = folder / f"{name}.yaml"
        file.write_text(template)
        deploy_stack(found, Stack(name, file, {}, {}), lambda _: None)
    s3.put_object(Bucket=bucket, Key="releases/1/release.json", Body=b"{}")
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "layers": [],
    }
    found.client("ecr").put_image(
        repositoryName=project.name, imageManifest=json.dumps(manifest), imageTag="one"
    )
    release = rendered_in(folder, project)
    release.definition(MODEL, "quality").write_text(json.dumps(WAITING))
    deploy(found, release, MODEL, lambda _: None)
    data = names.data_bucket(project, found.environment)
    for body in (b"one", b"two"):
        s3.put_object(Bucket=data, Key=f"{MODEL}/raw/table.csv", Body=body)
    s3.delete_object(Bucket=data, Key=f"{MODEL}/raw/of-yesterday.csv")
    found.client("sagemaker").create_model_package(
        ModelPackageGroupName=names.model_package_group(project, MODEL)
    )
    start(Pipeline(found, project, MODEL, "quality"), {})
    # A job logged here, and one of a project whose name begins like this one's.
    for owner in (project.name, f"{project.name}-two"):
        log(found, f"{owner}-prepare-{32 * 'a'}-0/algo-1-1")


def log(found: Clients, stream: str) -> None:
    """Make a log stream of a processing job."""
    logs, group = found.client("logs"), names.log_group("ProcessingJob")
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)


def test_nothing_is_left_that_costs_money(found: Clients, project: Project, tmp_path: Path) -> None:
    """Without the environment's name nothing changes; with it all goes save roles, an empty bucket and repository."""
    use(found, project, tmp_path)
    before = everything(found, project)
    assert all(before.values()), f"the test leaves nothing of some kind: {before}"
    said: list[str] = []
    assert destroy(found, project, "prod", said.append, everything=False) == UNCONFIRMED
    assert said[-1] == "'prod' is not 'local': nothing was changed"
    assert (
        f"  bucket  {names.data_bucket(project, found.environment)}, with every version of its objects"
        in said
    )
    assert everything(found, project) == before

    said.clear()
    assert destroy(found, project, LOCAL, said.append, everything=False) == 0
    assert f"stopped 1 execution of {project.name}-{MODEL}-quality" in said
    bootstrap = names.bootstrap_stack(project)
    artefacts = names.artefact_bucket(project, found.environment)
    assert {kind: left for kind, left in everything(found, project).items() if left} == {
        "stacks": [bootstrap],
        "buckets": [artefacts],
        "repositories": [project.name],
        "log streams": [f"{project.name}-two-prepare-{32 * 'a'}-0/algo-1-1"],
    }
    assert any(line.startswith(f"  stack {bootstrap}: ") for line in said)
    assert any(line.startswith("  key arn:aws:kms:") and "free until then" in line for line in said)

    said.clear()
    assert destroy(found, project, LOCAL, said.append, everything=True) == 0
    assert list(filter(None, everything(found, project).values())) == [
        everything(found, project)["log streams"]
    ]


def test_what_a_broken_attempt_left_is_found_without_its_stack(
    found: Clients, project: Project, tmp_path: Path
) -> None:
    """State outlives its stack: table, topic, buckets and the key, which the data bucket names."""
    deploy_stack(found, data_stack(found, rendered_in(tmp_path, project)), lambda _: None)
    stack_status.delete(found, names.data_stack(project))
    left = everything(found, project)
    assert left["keys"]
    assert left["tables"]
    assert destroy(found, project, LOCAL, lambda _: None, everything=False) == 0
    assert not any(everything(found, project).values())


def test_a_protected_environment_is_not_destroyed(found: Clients, project: Project, tmp_path: Path) -> None:
    """As long as project.toml says so all stays; then its stacks are opened and taken away, with no deployment between."""
    stack = data_stack(found, rendered_in(tmp_path, project))
    deploy_stack(found, replace(stack, protected=True), lambda _: None)
    before = everything(found, project)
    environment = found.environment.model_copy(update={"protected": True})
    with pytest.raises(ConfigurationError, match=r"environment local is protected.*set protected = false"):
        destroy(replace(found, environment=environment), project, LOCAL, lambda _: None, everything=False)
    assert everything(found, project) == before
    said: list[str] = []
    assert destroy(found, project, LOCAL, said.append, everything=False) == 0
    assert f"{stack.name}: can be deleted again" in said


def test_somebody_has_to_say_the_name(found: Clients, project: Project, tmp_path: Path) -> None:
    """Where nobody can type it, as in a workflow, the name has to be given."""
    deploy_stack(found, data_stack(found, rendered_in(tmp_path, project)), lambda _: None)
    with pytest.raises(ConfigurationError, match=r"nobody is there to type .*CONFIRM=local"):
        destroy(found, project, None, lambda _: None, everything=False)
    assert destroy(found, project, LOCAL, lambda _: None, everything=False) == 0


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_stack_at_work_is_waited_for(found: Clients, project: Project, status: str) -> None:
    """Another deployment is told of before the question, as its stack could not be deleted."""
    stack = DeployedStack(
        name=names.data_stack(project),
        status=status,
        tags={},
        parameters={},
        outputs={},
        role_arn=None,
        protected=False,
        changed_at=datetime.now(UTC),
    )
    with pytest.raises(
        DeployError, match=f"is {status}: another deployment is at work; repeat the command when"
    ):
        check_free(found, [stack])
    check_free(found, [replace(stack, status="DELETE_IN_PROGRESS"), replace(stack, status="ROLLBACK_FAILED")])


def test_a_key_of_another_is_not_taken_away(found: Clients, project: Project, tmp_path: Path) -> None:
    """A stack's output can name any key: without the project's tag nothing is changed, and the message tells why."""
    kms = found.client("kms")
    key = kms.create_key(Tags=[{"TagKey": "project", "TagValue": f"{project.name}-two"}])["KeyMetadata"][
        "Arn"
    ]
    template = tmp_path / "template.yaml"
    template.write_text(
        f"Resources: {{Topic: {{Type: AWS::SNS::Topic}}}}\nOutputs: {{KeyArn: {{Value: '{key}'}}}}\n"
    )
    stack = Stack(names.data_stack(project), template, {}, {"project": project.name})
    deploy_stack(found, stack, lambda _: None)
    with pytest.raises(
        ConfigurationError, match=rf"{key} has no tag project={project.name}: .*give it the tag"
    ):
        destroy(found, project, LOCAL, lambda _: None, everything=False)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert stack_named(found, stack.name)
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "project", "TagValue": project.name}])
    assert destroy(found, project, LOCAL, lambda _: None, everything=False) == 0
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_only_the_bucket_of_the_bootstrap_stack_may_stay(found: Clients, project: Project) -> None:
    """A project may be named so that each of its buckets has the word in its name."""
    project = project.model_copy(update={"name": f"{project.name}-artefacts-x"})
    environment = found.environment
    artefacts, data = names.artefact_bucket(project, environment), names.data_bucket(project, environment)
    bootstrap = DeployedStack(
        name=names.bootstrap_stack(project),
        status="CREATE_COMPLETE",
        tags={},
        parameters={},
        outputs={},
        role_arn=None,
        protected=False,
        changed_at=datetime.now(UTC),
    )
    there = Inventory([bootstrap], [], [artefacts, data], None, None, None, 0)
    assert list(left_over(there, None, project, environment)) == [data]


def everything(found: Clients, project: Project) -> dict[str, list[str]]:
    """Return the names of all that could cost money, by kind, as each service lists it."""

    def listed(service: str, operation: str, key: str, name: str) -> list[str]:
        client = found.client(service)
        answer: dict[str, Any] = (
            client.get_paginator(operation).paginate().build_full_result()
            if client.can_paginate(operation)
            else getattr(client, operation)()
        )
        return [each[name] if name else each for each in answer[key]]

    kms = found.client("kms")
    keys = [kms.describe_key(KeyId=key)["KeyMetadata"] for key in listed("kms", "list_keys", "Keys", "KeyId")]
    streams = [
        stream
        for group in listed("logs", "describe_log_groups", "logGroups", "logGroupName")
        if group.startswith("/aws/sagemaker/")
        for stream in _streams(found, group, project)
    ]
    kinds = {
        "stacks": listed("cloudformation", "describe_stacks", "Stacks", "StackName"),
        "buckets": listed("s3", "list_buckets", "Buckets", "Name"),
        "tables": listed("dynamodb", "list_tables", "TableNames", ""),
        "topics": listed("sns", "list_topics", "Topics", "TopicArn"),
        "keys": [key["KeyId"] + key["Description"] for key in keys if key["KeyState"] != "PendingDeletion"],
        "repositories": listed("ecr", "describe_repositories", "repositories", "repositoryName"),
        "machines": listed("stepfunctions", "list_state_machines", "stateMachines", "name"),
        "models": listed(
            "sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupName"
        ),
        "alarms": listed("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "rules": listed("events", "list_rules", "Rules", "Name"),
        "schedules": listed("scheduler", "list_schedules", "Schedules", "Name"),
        "log groups": listed("logs", "describe_log_groups", "logGroups", "logGroupName"),
        "log streams": streams,
        "roles": listed("iam", "list_roles", "Roles", "RoleName"),
    }
    # Looking leaves access logs.
    buckets = [
        bucket
        for bucket in kinds["buckets"]
        if bucket != names.access_logs_bucket(project, found.environment)
    ]
    objects = [f"{bucket}/{key}" for bucket in buckets for key in _objects(found, bucket, project)]
    images = [f"{name}/{image}" for name in kinds["repositories"] for image in _images(found, name, project)]
    kinds |= {"objects": objects, "images": images}
    return {kind: sorted(name for name in all_ if project.name in name) for kind, all_ in kinds.items()}


def _streams(found: Clients, group: str, project: Project) -> list[str]:
    answer = found.client("logs").describe_log_streams(logGroupName=group, logStreamNamePrefix=project.name)
    return [stream["logStreamName"] for stream in answer["logStreams"]]


def _objects(found: Clients, bucket: str, project: Project) -> list[str]:
    if not bucket.startswith(project.name):
        return []
    answer = found.client("s3").list_object_versions(Bucket=bucket)
    return [each["Key"] for kind in ("Versions", "DeleteMarkers") for each in answer.get(kind, [])]


def _images(found: Clients, repository: str, project: Project) -> list[str]:
    if repository != project.name:
        return []
    images = found.client("ecr").list_images(repositoryName=repository)["imageIds"]
    return [image["imageDigest"] for image in images]
