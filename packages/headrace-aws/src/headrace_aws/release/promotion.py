"""Promotion of a release from one environment to the next: it must be deployed in the one before."""

from headrace.errors import ReleaseError
from headrace_aws.config.project import Project
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.ledger import Ledger, effective
from headrace_aws.release.manifest import Release
from headrace_aws.session import AwsSession, session_for


def environment_before(aws: AwsSession, project: Project) -> AwsSession | None:
    """Return the environment that takes a release first, reached with the caller's own credentials."""
    name = aws.environment.after
    if name is None:
        return None
    return session_for(aws, project, name)


def check_deployed_before(source: AwsSession | None, release: Release, model: str) -> None:
    """Raise `ReleaseError` unless the environment before has this release, with the same bytes.

    It has those that were deployed with success and not rolled back since.
    """
    if source is None:
        return
    identity = release.required_manifest.id
    deployments = Ledger(Artefacts(source, release.project), model).deployments()
    deployed = next((one for one in reversed(effective(deployments)) if one.release == identity), None)
    if deployed is None:
        came = any(one.release == identity for one in deployments)
        fact, remedy = (
            ("failed or was rolled back", "deploy a new release there")
            if came
            else ("was never deployed", "deploy it there first")
        )
        raise ReleaseError(
            f"{release.name} of {model} {fact} in {source.name}, which takes a release first; {remedy}. "
            f"`make releases ENV={source.name}` lists what was deployed there"
        )
    if deployed.manifest_hash != release.manifest_hash:
        raise ReleaseError(
            f"{release.name} is not the one that was deployed in {source.name}: its manifest has the SHA-256 "
            f"{release.manifest_hash}, there it had {deployed.manifest_hash}; take it from there by its id: "
            f"RELEASE={identity}"
        )
