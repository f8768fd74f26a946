"""An environment that was deployed and used is destroyed: what remains costs nothing."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rendered_projects import rendered_in

from headrace.errors import ConfigurationError, DeployError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.deploy.deployment import deploy
from headrace_aws.runs.execution import start
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack
from headrace_aws.stacks.deployed import DeployedStack, deployed_stack
from headrace_aws.stacks.desired import data_stack
from headrace_aws.teardown.destroy import UNCONFIRMED, destroy
from headrace_aws.teardown.environment import check_not_changing
from headrace_aws.teardown.inventory import Inventory
from headrace_aws.teardown.leftovers import not_deleted
from headrace_local.testing import LocalAws

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
def aws(local_aws: LocalAws) -> AwsSession:
    return aws_session(PROJECT, LOCAL, local_aws.home)


@pytest.fixture
def project() -> Project:
    """The project under a name of its own, so that tests share a server and no stack."""
    return PROJECT.model_copy(update={"name": f"t{uuid4().hex[:9]}"})


def use(aws: AwsSession, project: Project, folder: Path) -> None:
    """Deploy a project, start a run that does not end, and leave data of every kind."""
    s3, bucket = aws.client("s3"), naming.artefact_bucket(project, aws.environment)
    for name, template in (
        (naming.bootstrap_stack(project), BOOTSTRAP % (bucket, project.name)),
        (naming.network_stack(project), NETWORK % project.name),
    ):
        file = folder / f"{name}.yaml"
        file.write_text(template)
        deploy_stack(aws, DesiredStack(name, file, {}, {}), lambda _: None)
    s3.put_object(Bucket=bucket, Key="releases/1/release.json", Body=b"{}")
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "layers": [],
    }
    aws.client("ecr").put_image(
        repositoryName=project.name, imageManifest=json.dumps(manifest), imageTag="one"
    )
    release = rendered_in(folder, project)
    release.definition(MODEL, "quality").write_text(json.dumps(WAITING))
    deploy(aws, release, MODEL, lambda _: None)
    data = naming.data_bucket(project, aws.environment)
    for body in (b"one", b"two"):
        s3.put_object(Bucket=data, Key=f"{MODEL}/raw/table.csv", Body=body)
    s3.delete_object(Bucket=data, Key=f"{MODEL}/raw/of-yesterday.csv")
    aws.client("sagemaker").create_model_package(
        ModelPackageGroupName=naming.model_package_group(project, MODEL)
    )
    start(DeployedPipeline(aws, project, MODEL, "quality"), {})
    # A job logged here, and one of a project whose name begins like this one's.
    for owner in (project.name, f"{project.name}-two"):
        log(aws, f"{owner}-prepare-{32 * 'a'}-0/algo-1-1")


def log(aws: AwsSession, stream: str) -> None:
    """Make a log stream of a processing job."""
    logs, group = aws.client("logs"), naming.log_group("ProcessingJob")
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)


def test_nothing_is_left_that_costs_money(aws: AwsSession, project: Project, tmp_path: Path) -> None:
    """Without the environment's name nothing changes; with it all goes save roles, an empty bucket and repository."""
    use(aws, project, tmp_path)
    before = everything(aws, project)
    assert all(before.values()), f"the test leaves nothing of some kind: {before}"
    said: list[str] = []
    assert destroy(aws, project, "prod", said.append, everything=False) == UNCONFIRMED
    assert said[-1] == "'prod' is not 'local': nothing was changed"
    assert (
        f"  bucket  {naming.data_bucket(project, aws.environment)}, with every version of its objects" in said
    )
    assert everything(aws, project) == before

    said.clear()
    assert destroy(aws, project, LOCAL, said.append, everything=False) == 0
    assert f"stopped 1 execution of {project.name}-{MODEL}-quality" in said
    bootstrap = naming.bootstrap_stack(project)
    artefacts = naming.artefact_bucket(project, aws.environment)
    assert {kind: left for kind, left in everything(aws, project).items() if left} == {
        "stacks": [bootstrap],
        "buckets": [artefacts],
        "repositories": [project.name],
        "log streams": [f"{project.name}-two-prepare-{32 * 'a'}-0/algo-1-1"],
    }
    assert any(line.startswith(f"  stack {bootstrap}: ") for line in said)
    assert any(line.startswith("  key arn:aws:kms:") and "free until then" in line for line in said)

    said.clear()
    assert destroy(aws, project, LOCAL, said.append, everything=True) == 0
    assert list(filter(None, everything(aws, project).values())) == [everything(aws, project)["log streams"]]


def test_what_a_broken_attempt_left_is_found_without_its_stack(
    aws: AwsSession, project: Project, tmp_path: Path
) -> None:
    """State outlives its stack: table, topic, buckets and the key, which the data bucket names."""
    deploy_stack(aws, data_stack(aws, rendered_in(tmp_path, project)), lambda _: None)
    aws.client("cloudformation").delete_stack(StackName=naming.data_stack(project))
    left = everything(aws, project)
    assert left["keys"]
    assert left["tables"]
    assert destroy(aws, project, LOCAL, lambda _: None, everything=False) == 0
    assert not any(everything(aws, project).values())


def test_a_protected_environment_is_not_destroyed(aws: AwsSession, project: Project, tmp_path: Path) -> None:
    """As long as project.toml says so all stays; then its stacks are opened and taken away, with no deployment between."""
    stack = data_stack(aws, rendered_in(tmp_path, project))
    deploy_stack(aws, replace(stack, protected=True), lambda _: None)
    before = everything(aws, project)
    environment = aws.environment.model_copy(update={"protected": True})
    with pytest.raises(ConfigurationError, match=r"environment local is protected.*set protected = false"):
        destroy(replace(aws, environment=environment), project, LOCAL, lambda _: None, everything=False)
    assert everything(aws, project) == before
    said: list[str] = []
    assert destroy(aws, project, LOCAL, said.append, everything=False) == 0
    assert f"{stack.name}: can be deleted again" in said


def test_somebody_has_to_say_the_name(aws: AwsSession, project: Project, tmp_path: Path) -> None:
    """Where nobody can type it, as in a workflow, the name has to be given."""
    deploy_stack(aws, data_stack(aws, rendered_in(tmp_path, project)), lambda _: None)
    with pytest.raises(ConfigurationError, match=r"nobody is there to type .*CONFIRM=local"):
        destroy(aws, project, None, lambda _: None, everything=False)
    assert destroy(aws, project, LOCAL, lambda _: None, everything=False) == 0


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_stack_at_work_is_waited_for(aws: AwsSession, project: Project, status: str) -> None:
    """Another deployment is told of before the question, as its stack could not be deleted."""
    stack = DeployedStack(
        name=naming.data_stack(project), arn="arn", status=status, changed_at=datetime.now(UTC)
    )
    with pytest.raises(
        DeployError, match=f"is {status}: another deployment is running; repeat the command when"
    ):
        check_not_changing(aws, [stack])
    check_not_changing(
        aws, [replace(stack, status="DELETE_IN_PROGRESS"), replace(stack, status="ROLLBACK_FAILED")]
    )


def test_a_key_of_another_is_not_taken_away(aws: AwsSession, project: Project, tmp_path: Path) -> None:
    """A stack's output can name any key: without the project's tag nothing is changed, and the message tells why."""
    kms = aws.client("kms")
    key = kms.create_key(Tags=[{"TagKey": "project", "TagValue": f"{project.name}-two"}])["KeyMetadata"][
        "Arn"
    ]
    template = tmp_path / "template.yaml"
    template.write_text(
        f"Resources: {{Topic: {{Type: AWS::SNS::Topic}}}}\nOutputs: {{KeyArn: {{Value: '{key}'}}}}\n"
    )
    stack = DesiredStack(naming.data_stack(project), template, {}, {"project": project.name})
    deploy_stack(aws, stack, lambda _: None)
    with pytest.raises(
        ConfigurationError, match=rf"{key} has no tag project={project.name}: .*give it the tag"
    ):
        destroy(aws, project, LOCAL, lambda _: None, everything=False)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert deployed_stack(aws, stack.name)
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "project", "TagValue": project.name}])
    assert destroy(aws, project, LOCAL, lambda _: None, everything=False) == 0
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_only_the_bucket_of_the_bootstrap_stack_may_stay(aws: AwsSession, project: Project) -> None:
    """A project may be named so that each of its buckets has the word in its name."""
    project = project.model_copy(update={"name": f"{project.name}-artefacts-x"})
    environment = aws.environment
    artefacts, data = naming.artefact_bucket(project, environment), naming.data_bucket(project, environment)
    bootstrap = DeployedStack(
        name=naming.bootstrap_stack(project),
        arn="arn",
        status="CREATE_COMPLETE",
        changed_at=datetime.now(UTC),
    )
    there = Inventory([bootstrap], [], [artefacts, data], None, None, None, 0)
    assert list(not_deleted(there, None, project, environment)) == [data]


def everything(aws: AwsSession, project: Project) -> dict[str, list[str]]:
    """Return the names of all that could cost money, by kind, as each service lists it."""

    def listed(service: str, operation: str, key: str, name: str) -> list[str]:
        client = aws.client(service)
        answer: dict[str, Any] = (
            client.get_paginator(operation).paginate().build_full_result()
            if client.can_paginate(operation)
            else getattr(client, operation)()
        )
        return [each[name] if name else each for each in answer[key]]

    kms = aws.client("kms")
    keys = [kms.describe_key(KeyId=key)["KeyMetadata"] for key in listed("kms", "list_keys", "Keys", "KeyId")]
    streams = [
        stream
        for group in listed("logs", "describe_log_groups", "logGroups", "logGroupName")
        if group.startswith("/aws/sagemaker/")
        for stream in _streams(aws, group, project)
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
        bucket for bucket in kinds["buckets"] if bucket != naming.access_logs_bucket(project, aws.environment)
    ]
    objects = [f"{bucket}/{key}" for bucket in buckets for key in _objects(aws, bucket, project)]
    images = [f"{name}/{image}" for name in kinds["repositories"] for image in _images(aws, name, project)]
    kinds |= {"objects": objects, "images": images}
    return {kind: sorted(name for name in all_ if project.name in name) for kind, all_ in kinds.items()}


def _streams(aws: AwsSession, group: str, project: Project) -> list[str]:
    answer = aws.client("logs").describe_log_streams(logGroupName=group, logStreamNamePrefix=project.name)
    return [stream["logStreamName"] for stream in answer["logStreams"]]


def _objects(aws: AwsSession, bucket: str, project: Project) -> list[str]:
    if not bucket.startswith(project.name):
        return []
    answer = aws.client("s3").list_object_versions(Bucket=bucket)
    return [each["Key"] for kind in ("Versions", "DeleteMarkers") for each in answer.get(kind, [])]


def _images(aws: AwsSession, repository: str, project: Project) -> list[str]:
    if repository != project.name:
        return []
    images = aws.client("ecr").list_images(repositoryName=repository)["imageIds"]
    return [image["imageDigest"] for image in images]
