"""Put the former release back: `python -m infra.rollback --env prod --reason "why"`.

It comes from the environment's own bucket and is the release that stood before the newest deployment. After a
deployment that failed, that is the one that is recorded as deployed; after one that ended well, the one before it.
"""

import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import ConfigurationError, ReleaseError
from infra import cli, preflight
from infra.aws import Clients, check_no_placeholder, clients, elsewhere
from infra.deploy import deploy
from infra.release.artefacts import Artefacts
from infra.release.ledger import ROLLED_BACK, Ledger, former
from infra.release.lock import held
from infra.release.store import fetched
from pipelines.environment import LOCAL
from pipelines.project import Project, load_project


@dataclass(frozen=True)
class Given:
    """What a person asks for: one model or all, and why.

    With a release, it is taken back only if it is the last that was deployed: a workflow need not know how far it came.
    """

    model: str | None = None
    release: str = ""
    reason: str = ""
    wait_minutes: float = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("infra.rollback", "Put the former release back.")
    parser.add_argument(
        "--release", default="", metavar="ID", help="only if this is the last that was deployed"
    )
    parser.add_argument("--reason", default="", help="why; it is recorded")
    parser.add_argument(
        "--wait", type=float, default=0, metavar="MINUTES", help="for another deployment to end"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        # A workflow that is cancelled shall leave its record and take its lock away.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        project = load_project()
        if options.env == LOCAL:
            raise ConfigurationError(
                "the local AWS takes the work tree and keeps no releases; check an older commit out, and `make deploy`"
            )
        check_no_placeholder(project, options.env)
        given = Given(options.model, options.release, options.reason, options.wait)
        roll_back(clients(project, options.env), project, given, cli.say_on)
        return 0

    return cli.exit_status(command)


def roll_back(found: Clients, project: Project, given: Given, say: Callable[[str], None]) -> None:
    """Put the former release of each model back.

    Raises:
        ReleaseError: a model has none, or what the bucket has of it was altered.
        DeployError: another deployment is at work, or a stack did not get there.
    """
    preflight.check_bootstrapped(found, project)
    artefacts = Artefacts(found, project)
    with held(artefacts, given.wait_minutes, say):
        wanted = _former_releases(artefacts, given, say)
        for model, identity in wanted.items():
            with tempfile.TemporaryDirectory() as folder:
                release = fetched(found, project, identity, Path(folder))
                say(f"{model}: back to {release.name}")
                preflight.check_place(found, project, release)
                place = elsewhere(found, release.project, found.name)
                preflight.check_image(place, None, release)
                preflight.check_stacks(place, release, [model])
                with Ledger(artefacts, model).recorded(release, ROLLED_BACK, given.reason):
                    deploy(place, release, model, say)


def _former_releases(artefacts: Artefacts, given: Given, say: Callable[[str], None]) -> dict[str, str]:
    """Return by model the id of the release to put back; of a model that has none, that is said.

    Raises `ReleaseError` when no model has one.
    """
    place = artefacts.found.name
    models = cli.model_names(artefacts.project, given.model)
    deployments = {model: Ledger(artefacts, model).deployments() for model in models}
    if given.release:
        came = {
            model for model in models if [one.release for one in deployments[model][-1:]] == [given.release]
        }
        if not came:
            say(f"release {given.release} is not the last that was deployed to {place}; all stays as it is")
            return {}
        models = [model for model in models if model in came]
    found = {model: former(deployments[model]) for model in models}
    missing = [model for model, deployment in found.items() if deployment is None]
    if len(missing) == len(models):
        raise ReleaseError(
            f"{place} has no former release of {', '.join(missing)} to put back; `make releases ENV={place}` lists "
            "what was deployed. Mend it by a new release"
        )
    for model in missing:
        say(f"{model}: has no former release, and stays as it is")
    return {model: deployment.release for model, deployment in found.items() if deployment}


if __name__ == "__main__":
    sys.exit(main())
