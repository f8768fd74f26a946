"""Put the former release back: `python -m headrace_aws.deploy.rollback --env prod --reason "why"`.

It comes from the environment's own bucket and is the release that stood before the newest deployment. After a
deployment that failed, that is the one that is recorded as deployed; after one that ended well, the one before it.
"""

import signal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from headrace.errors import ConfigurationError, ReleaseError
from headrace_aws import cli
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.deploy import preflight
from headrace_aws.deploy.deployment import deploy
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.deployment_lock import held
from headrace_aws.release.ledger import ROLLED_BACK, Deployment, Ledger, former, this_run
from headrace_aws.release.store import fetched
from headrace_aws.session import AwsSession, aws_session, check_no_placeholder, elsewhere


@dataclass(frozen=True)
class Given:
    """What a person asks for: one model or all, and why.

    With a release, it is taken back only if it is the last that was deployed, and in a workflow only if this very
    attempt of this run deployed it: a workflow need not know how far it came, and a second attempt that was refused
    takes no sound release back.
    """

    model: str | None = None
    release: str = ""
    reason: str = ""
    wait_minutes: float = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("rollback", "Put the former release back.")
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
        roll_back(aws_session(project, options.env), project, given, cli.say_on)
        return 0

    return cli.exit_status(command)


def roll_back(aws: AwsSession, project: Project, given: Given, say: Callable[[str], None]) -> None:
    """Put the former release of each model back.

    Raises:
        ReleaseError: a model has none, or what the bucket has of it was altered.
        DeployError: another deployment is at work, or a stack did not get there.
    """
    preflight.check_bootstrapped(aws, project)
    artefacts = Artefacts(aws, project)
    # Before the lock, too: a deployment that another one's lock refused has nothing to take back.
    if not _asked_for(artefacts, given, say):
        return
    with held(artefacts, given.wait_minutes, say):
        wanted = _former_releases(artefacts, given, say)
        for model, former_one in wanted.items():
            with tempfile.TemporaryDirectory() as folder:
                release = fetched(aws, project, former_one.release, Path(folder), former_one.manifest_hash)
                say(f"{model}: back to {release.name}")
                preflight.check_place(aws, project, release)
                place = elsewhere(aws, release.project, aws.name)
                preflight.check_image(place, None, release)
                preflight.check_stacks(place, release, [model])
                with Ledger(artefacts, model).recorded(release, ROLLED_BACK, given.reason):
                    deploy(place, release, model, say)


def _former_releases(artefacts: Artefacts, given: Given, say: Callable[[str], None]) -> dict[str, Deployment]:
    """Return by model the deployment to put back; of a model that has none, that is said.

    Raises `ReleaseError` when no model has one.
    """
    place = artefacts.aws.name
    models = _asked_for(artefacts, given, say)
    if not models:
        return {}
    deployments = {model: Ledger(artefacts, model).deployments() for model in models}
    found = {model: former(deployments[model]) for model in models}
    missing = [model for model, deployment in found.items() if deployment is None]
    if len(missing) == len(models):
        raise ReleaseError(
            f"{place} has no former release of {', '.join(missing)} to put back; `make releases ENV={place}` lists "
            "what was deployed. Mend it by a new release"
        )
    for model in missing:
        say(f"{model}: has no former release, and stays as it is")
    return {model: deployment for model, deployment in found.items() if deployment}


def _asked_for(artefacts: Artefacts, given: Given, say: Callable[[str], None]) -> list[str]:
    """Return the models to put back; none, and that is said, when the release that is given is not to be taken back."""
    models = list(cli.model_names(artefacts.project, given.model))
    if not given.release:
        return models
    newest = {model: Ledger(artefacts, model).deployments(1) for model in models}
    last = [model for model in models if [one.release for one in newest[model]] == [given.release]]
    run, place = this_run(), artefacts.aws.name
    came = [model for model in last if run in {"", newest[model][0].run}]
    if not came:
        fact = f"was not deployed to {place} by {run}" if last else f"is not the last one deployed to {place}"
        say(f"release {given.release} {fact}; all stays as it is")
    return came
