"""The command that deploys what is checked, as an environment takes it."""

from headrace_aws.release.manifest import Release
from headrace_aws.session import AwsSession


def deploy_command(aws: AwsSession, release: Release | None) -> str:
    """Return how a release is deployed; None is one that is not known yet. The work tree needs no name."""
    command = f"make deploy ENV={aws.name}"
    if release is None:
        return f"{command} RELEASE={'<id>' if aws.environment.after else 'dist/release'}"
    return f"{command} RELEASE={release.manifest.id}" if release.manifest else command
