"""What stops a deployment is reported before anything changes, with the remedy."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from release_forks import MODEL, Fork

from headrace.errors import ConfigurationError, DeployError, ReleaseError
from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.deploy import preflight
from headrace_aws.release.image import has_image
from headrace_aws.release.manifest import Release
from headrace_aws.session import AwsSession, aws_session
from headrace_local.testing import LocalAws

IMAGE = '{"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": []}'


@pytest.fixture
def dev(fork: Fork) -> AwsSession:
    return fork.enter("dev")


@pytest.fixture
def release(fork: Fork) -> Release:
    return fork.build(f"sha256:{hashlib.sha256(IMAGE.encode()).hexdigest()}")


def changed(project: Project, **settings: Any) -> Project:
    """Return a project whose environment dev differs."""
    dev = project.environment("dev").model_copy(update=settings)
    return project.model_copy(update={"environments": {**project.environments, "dev": dev}})


def test_an_account_that_is_not_prepared(fork: Fork, dev: AwsSession) -> None:
    """Without the bootstrap stack the command that makes it is named."""
    with pytest.raises(DeployError, match=r"account 333333333333 has no stack .*: make bootstrap ENV=dev"):
        preflight.check_bootstrapped(dev, fork.project)


class TestStacks:
    def test_one_that_needs_a_person(self, dev: AwsSession, release: Release) -> None:
        """Any stack of the model that takes no update stops the deployment, the last one, too."""
        stack = naming.automation_stack(release.project, MODEL)
        body = "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: a b}}}"
        cloudformation = dev.client("cloudformation")
        cloudformation.create_stack(StackName=stack, TemplateBody=body, OnFailure="DO_NOTHING")
        with pytest.raises(
            DeployError, match=rf"stack {stack} is CREATE_FAILED and takes no update.*\n.*delete-stack"
        ):
            preflight.check_stacks(dev, release, [MODEL])
        cloudformation.delete_stack(StackName=stack)
        preflight.check_stacks(dev, release, [MODEL])

    def test_a_network_that_is_not_there(self, dev: AwsSession, release: Release) -> None:
        """An environment that names no subnets needs the network stack before the first stack is touched."""
        project = changed(release.project, subnets=(), security_groups=())
        found = replace(dev, environment=project.environment("dev"))
        with pytest.raises(
            DeployError, match=r"names no subnets and has no stack .*-network; `make bootstrap ENV=dev`"
        ):
            preflight.check_stacks(found, replace(release, project=project), [MODEL])


class TestInstanceTypes:
    def test_those_of_the_example_are_everywhere(self, dev: AwsSession, release: Release) -> None:
        """The region has the machines that the jobs ask for by default."""
        preflight.check_instance_types(dev, release.project, [MODEL])

    def test_one_that_the_region_has_not(self, dev: AwsSession, release: Release) -> None:
        """The machine, the job that asks for it and the region are named."""
        model = release.project.model(MODEL)
        train = model.jobs.train.model_copy(update={"instance_type": "ml.p99.48xlarge"})
        model = model.model_copy(update={"jobs": model.jobs.model_copy(update={"train": train})})
        project = release.project.model_copy(update={"models": {MODEL: model}})
        with pytest.raises(
            ConfigurationError,
            match=r"region us-east-1 of environment dev has no ml\.p99\.48xlarge \(models\.flights\.jobs\.train\)",
        ):
            preflight.check_instance_types(dev, project, [MODEL])


class TestTheRelease:
    def test_one_of_another_account(self, fork: Fork, dev: AwsSession, release: Release) -> None:
        """A release is bound to the accounts of its own project.toml."""
        moved = changed(release.project, region="eu-west-1")
        with pytest.raises(ReleaseError, match=rf"built for {fork.project.name} 333333333333 eu-west-1, and"):
            preflight.check_target(dev, fork.project, replace(release, project=moved))
        preflight.check_target(dev, fork.project, release)

    def test_an_image_that_is_nowhere(self, dev: AwsSession, release: Release) -> None:
        """A digest that was named by hand must be in the repository."""
        dev.client("ecr").create_repository(repositoryName=release.project.name)
        assert not has_image(dev, release)
        with pytest.raises(
            ReleaseError, match=f"names the image {release.required_manifest.image_digest}, which is neither"
        ):
            preflight.check_image(dev, None, release)
        dev.client("ecr").put_image(
            repositoryName=release.project.name,
            imageManifest=IMAGE,
            imageTag="by-hand",
            imageDigest=release.required_manifest.image_digest,
        )
        preflight.check_image(dev, None, release)


class TestCredentials:
    def test_of_another_account(
        self, fork: Fork, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who is logged in to prod deploys nothing to dev."""
        keys = local_aws.client("sts").assume_role(
            RoleArn="arn:aws:iam::444444444444:role/administrator", RoleSessionName="tests"
        )["Credentials"]
        monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
        with pytest.raises(
            ConfigurationError, match="your credentials are of account 444444444444; log in to 333333333333"
        ):
            aws_session(fork.project, "dev")

    def test_that_have_expired(self, fork: Fork, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Credentials that ran out are reported as that, not as missing."""
        script = tmp_path / "expired"
        script.write_text(
            '#!/bin/sh\necho \'{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c",'
            ' "Expiration": "2020-01-01T00:00:00Z"}\'\n'
        )
        script.chmod(0o755)
        config = tmp_path / "config"
        config.write_text(f"[default]\ncredential_process = {script}\n")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        with pytest.raises(
            ConfigurationError, match=r"your AWS credentials have expired .*333333333333 again"
        ):
            aws_session(fork.project, "dev")
