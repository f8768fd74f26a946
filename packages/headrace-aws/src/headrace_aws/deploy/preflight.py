"""Check what would stop a deployment before anything changes."""

from collections.abc import Sequence

from headrace.errors import ConfigurationError, DeployError, ReleaseError
from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.release import image
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.ledger import Ledger
from headrace_aws.release.manifest import IMAGE, Release
from headrace_aws.release.promotion import check_deployed_before
from headrace_aws.session import AwsSession
from headrace_aws.stacks import desired
from headrace_aws.stacks.deployed import completed_stack
from headrace_aws.stacks.stack_status import check_free


def check_bootstrapped(aws: AwsSession, project: Project) -> None:
    """Raise `DeployError` when an administrator has not prepared the account, or has not finished."""
    name = naming.bootstrap_stack(project)
    stack = completed_stack(aws, name)
    if stack is None:
        raise DeployError(
            f"account {aws.account} has no stack {name} in {aws.region}; "
            f"an administrator makes it once: make bootstrap ENV={aws.name}"
        )
    check_free(aws, stack)


def check_target(aws: AwsSession, project: Project, release: Release) -> None:
    """Raise `ReleaseError` when a release was built for another project, account or region."""
    there = release.project.environments.get(aws.name)
    expected = (project.name, aws.account, aws.region)
    built_for = (release.project.name, there.account, there.region) if there else None
    if built_for != expected:
        target = " ".join(built_for) if built_for else f"no environment {aws.name}"
        raise ReleaseError(
            f"{release.name} was built for {target}, and project.toml says {' '.join(expected)} now; "
            f"check commit {release.commit} out, or build a new release"
        )


def check_environment_before(aws: AwsSession, project: Project, release: Release) -> None:
    """Raise `ReleaseError` when a release names another environment before this one than the checkout does.

    A release must not choose itself where it was tested.
    """
    expected = _before(project, aws.name)
    named = _before(release.project, aws.name)
    if named != expected:
        raise ReleaseError(
            f"{release.name} names {named} as the environment before {aws.name}, and project.toml {expected}; "
            f"check commit {release.commit} out, or build a new release"
        )


def check(aws: AwsSession, source: AwsSession | None, release: Release, models: Sequence[str]) -> None:
    """Raise the error of the first thing that would stop a release; `source` is the environment before.

    Raises:
        ConfigurationError: the region lacks an instance type of the jobs.
        DeployError: a stack is busy or stuck.
        ReleaseError: the release was not deployed in the environment before, is older than what is deployed, or its image cannot be found.
    """
    for model in models:
        check_deployed_before(source, release, model)
        check_newer(aws, release, model)
    check_image(aws, source, release)
    check_stacks(aws, release, models)
    check_instance_types(aws, release.project, models)


def check_newer(aws: AwsSession, release: Release, model: str) -> None:
    """Raise `ReleaseError` when something newer is deployed."""
    newest = Ledger(Artefacts(aws, release.project), model).in_place()
    if newest and _number(release.required_manifest.id) < _number(newest.release):
        raise ReleaseError(
            f"{release.name} is older than {newest.release}, which is deployed in {aws.name}; "
            f"to go back: make rollback ENV={aws.name}"
        )


def check_image(aws: AwsSession, source: AwsSession | None, release: Release) -> None:
    """Raise `ReleaseError` when the image is neither in the folder nor in an account that could give it."""
    if (release.folder / IMAGE).is_dir() or source or image.has_image(aws, release):
        return
    raise ReleaseError(image.missing_image(aws, release))


def check_stacks(aws: AwsSession, release: Release, models: Sequence[str]) -> None:
    """Raise the error of the first stack that could not be brought to a release.

    Raises:
        ConfigurationError: a definition is not rendered.
        DeployError: a stack is being changed, takes no update until a person has repaired it, or its network is missing.
    """
    names = {stack.name: None for model in models for stack in desired.stacks(aws, release, model)}
    for name in names:
        if stack := completed_stack(aws, name):
            check_free(aws, stack)


def check_instance_types(aws: AwsSession, project: Project, models: Sequence[str]) -> None:
    """Raise `ConfigurationError` when the region lacks an instance type of a job.

    EC2 is asked, since SageMaker has no such list: what EC2 lacks in a region, SageMaker lacks too.
    """
    asked = {
        job.instance_type.removeprefix("ml."): f"models.{model}.jobs.{step}"
        for model in models
        for step, job in project.model(model).jobs
    }
    pages = (
        aws.client("ec2")
        .get_paginator("describe_instance_type_offerings")
        .paginate(LocationType="region", Filters=[{"Name": "instance-type", "Values": sorted(asked)}])
    )
    offered = {one["InstanceType"] for page in pages for one in page["InstanceTypeOfferings"]}
    missing = [f"ml.{kind} ({asked[kind]})" for kind in sorted(asked.keys() - offered)]
    if missing:
        raise ConfigurationError(
            f"region {aws.region} of environment {aws.name} has no {', '.join(missing)}; "
            "choose another instance_type or another region in project.toml"
        )


def _before(project: Project, name: str) -> str:
    """Return the environment before an environment, with its account and region."""
    after = project.environments[name].after
    if after is None:
        return "nothing"
    there = project.environments[after]
    return f"{after} ({there.account} {there.region})"


def _number(release_id: str) -> int:
    """Return how many commits main had: of two releases the later one has the larger number."""
    return int(release_id.partition("-")[0])
