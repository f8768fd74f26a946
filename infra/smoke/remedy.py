"""The command that deploys what is checked, as an environment takes it."""

from infra.aws import Clients
from infra.release.manifest import Release


def deploy_command(found: Clients, release: Release | None) -> str:
    """Return how a release is deployed; None is one that is not known yet. The work tree needs no name."""
    command = f"make deploy ENV={found.name}"
    if release is None:
        return f"{command} RELEASE={'<id>' if found.environment.after else 'dist/release'}"
    return f"{command} RELEASE={release.manifest.id}" if release.manifest else command
