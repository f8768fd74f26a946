"""What would stop a deployment, looked for before anything changes. Each message is the fact and the remedy."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headrace.errors import ConfigurationError, DeployError, ReleaseError
from infra import names, stack_status, wanted
from infra.aws import Clients
from infra.release import image
from infra.release.artefacts import Artefacts
from infra.release.ledger import Ledger
from infra.release.manifest import IMAGE, Release
from infra.release.promotion import check_proven
from pipelines.project import Project

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_GONE = {None, "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}


def check_bootstrapped(found: Clients, project: Project) -> None:
    """Raise `DeployError` when an administrator has not prepared the account, or is just about to."""
    stack = names.bootstrap_stack(project)
    status = stack_status.status_of(found.client("cloudformation"), stack)
    if status in _GONE:
        raise DeployError(
            f"account {found.account} has no stack {stack} in {found.region}; "
            f"an administrator makes it once: make bootstrap ENV={found.name}"
        )
    stack_status.check_free(found, stack, str(status))


def check_place(found: Clients, project: Project, release: Release) -> None:
    """Raise `ReleaseError` when a release was built for another project, account or region."""
    there = release.project.environments.get(found.name)
    wanted_place = (project.name, found.account, found.region)
    place = (release.project.name, there.account, there.region) if there else None
    if place != wanted_place:
        built_for = " ".join(place) if place else f"no environment {found.name}"
        raise ReleaseError(
            f"{release.name} was built for {built_for}, and project.toml says {' '.join(wanted_place)} now; "
            f"check commit {release.commit} out, or build a new release"
        )


def check_order(found: Clients, project: Project, release: Release) -> None:
    """Raise `ReleaseError` when a release names another environment to prove itself in than the checkout does.

    A release shall not say itself who vouches for it.
    """
    wanted_place = _before(project, found.name)
    place = _before(release.project, found.name)
    if place != wanted_place:
        raise ReleaseError(
            f"{release.name} names {place} as the environment before {found.name}, and project.toml {wanted_place}; "
            f"check commit {release.commit} out, or build a new release"
        )


def check(found: Clients, source: Clients | None, release: Release, models: Sequence[str]) -> None:
    """Raise the error of the first thing that would stop a release; `source` is the environment before.

    Raises:
        ConfigurationError: the region has not the machines of the jobs.
        DeployError: a stack is busy or stuck.
        ReleaseError: the release is not proven, older than what is deployed, or its image cannot be found.
    """
    for model in models:
        check_proven(source, release, model)
        check_newer(found, release, model)
    check_image(found, source, release)
    check_stacks(found, release, models)
    check_instance_types(found, release.project, models)


def check_newer(found: Clients, release: Release, model: str) -> None:
    """Raise `ReleaseError` when something newer is deployed."""
    newest = Ledger(Artefacts(found, release.project), model).in_place()
    if newest and _number(release.sealed.id) < _number(newest.release):
        raise ReleaseError(
            f"{release.name} is older than {newest.release}, which is deployed in {found.name}; "
            f"to go back: make rollback ENV={found.name}"
        )


def check_image(found: Clients, source: Clients | None, release: Release) -> None:
    """Raise `ReleaseError` when the image is neither in the folder nor in an account that could give it."""
    if (release.folder / IMAGE).is_dir() or source or image.is_there(found, release):
        return
    raise ReleaseError(image.nowhere(found, release))


def check_stacks(found: Clients, release: Release, models: Sequence[str]) -> None:
    """Raise the error of the first stack that could not be brought to what a release wants.

    Raises:
        ConfigurationError: a definition is not rendered.
        DeployError: a stack is at work, takes no update until a person has mended it, or its network is missing.
    """
    cloudformation: CloudFormationClient = found.client("cloudformation")
    wanted_names = {stack.name: None for model in models for stack in wanted.stacks(found, release, model)}
    for name in wanted_names:
        status = stack_status.status_of(cloudformation, name)
        if status not in _GONE:
            stack_status.check_free(found, name, str(status))


def check_instance_types(found: Clients, project: Project, models: Sequence[str]) -> None:
    """Raise `ConfigurationError` when the region has no machine of a kind that a job asks for.

    EC2 is asked, since SageMaker offers no such list: a kind that EC2 has not there, SageMaker has not either.
    """
    asked = {
        job.instance_type.removeprefix("ml."): f"models.{model}.jobs.{step}"
        for model in models
        for step, job in project.model(model).jobs
    }
    pages = (
        found.client("ec2")
        .get_paginator("describe_instance_type_offerings")
        .paginate(LocationType="region", Filters=[{"Name": "instance-type", "Values": sorted(asked)}])
    )
    offered = {one["InstanceType"] for page in pages for one in page["InstanceTypeOfferings"]}
    missing = [f"ml.{kind} ({asked[kind]})" for kind in sorted(asked.keys() - offered)]
    if missing:
        raise ConfigurationError(
            f"region {found.region} of environment {found.name} has no {', '.join(missing)}; "
            "choose another instance_type or another region in project.toml"
        )


def _before(project: Project, name: str) -> str:
    """Return environment, account and region in which a release proves itself before an environment."""
    after = project.environments[name].after
    if after is None:
        return "nothing"
    there = project.environments[after]
    return f"{after} ({there.account} {there.region})"


def _number(release_id: str) -> int:
    """Return how many commits main had: of two releases the later one has the larger number."""
    return int(release_id.partition("-")[0])
