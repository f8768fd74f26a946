"""Check what is deployed: `python -m infra.smoke --env prod [--model NAME] [--release FOLDER|ID]`.

Without --release the one counts that stands there by the record of deployments; on `local`, the work tree.

Exit status: 0 all is as it should be, 1 a check failed, 2 wrong use or configuration: nothing was checked.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from headrace.errors import ConfigurationError, ReleaseError
from infra import cli
from infra.aws import Clients, clients
from infra.records.place import Place
from infra.release.artefacts import Artefacts
from infra.release.ledger import Ledger, standing
from infra.release.manifest import IDENTITY, Release, release_in, work_tree
from infra.release.store import fetched
from infra.smoke.command import smoke
from infra.smoke.remedy import deploy_command
from pipelines.environment import LOCAL
from pipelines.project import Project, load_project


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status, as the module says."""
    parser = cli.parser("infra.smoke", "Check what is deployed.")
    parser.add_argument(
        "--release", default="", metavar="FOLDER|ID", help="by default the one that stands there"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        found = clients(project, options.env)
        statuses = []
        for model in cli.model_names(project, options.model):
            with tempfile.TemporaryDirectory() as folder:
                release = _release(found, project, model, options.release, Path(folder))
                # What the release says of its environment counts, and not what the work tree says.
                place = Place(clients(release.project, options.env), release.project, model)
                statuses.append(smoke(place, release, cli.say))
        return max(statuses)

    return cli.exit_status(command)


def _release(found: Clients, project: Project, model: str, given: str, folder: Path) -> Release:
    """Return the release that should be deployed."""
    if found.name == LOCAL:
        if given:
            raise ConfigurationError(
                "the local AWS has the work tree; leave RELEASE out, or name another ENV"
            )
        return work_tree(project=project)
    if given and not IDENTITY.fullmatch(given):
        return release_in(Path(given))
    return fetched(found, project, given or _standing(found, project, model), folder)


def _standing(found: Clients, project: Project, model: str) -> str:
    deployments = standing(Ledger(Artefacts(found, project), model).deployments())
    if not deployments:
        raise ReleaseError(f"no release of {model} stands in {found.name}; {deploy_command(found, None)}")
    return deployments[-1].release


if __name__ == "__main__":
    sys.exit(main())
