"""Put the former release back: `headrace rollback --env prod --reason "why"`.

It comes from the environment's own bucket and is the release that was in place before the newest deployment. After a
deployment that failed, that is the one that is recorded as deployed; after one that ended well, the one before it.
"""

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
from headrace_aws.release.deployment_lock import add_wait_option, deployment_lock
from headrace_aws.release.ledger import ROLLED_BACK, Deployment, Ledger, former, this_run
from headrace_aws.release.store import fetch
from headrace_aws.session import AwsSession, aws_session, check_no_placeholder, session_for


@dataclass(frozen=True)
class RollbackRequest:
    """One model or all, and why.

    With a release, a model is rolled back only if that release was deployed last, and in a workflow only if this
    attempt of this run deployed it. So a workflow may always call it after a failure: a second attempt that was
    refused before it deployed rolls nothing back.
    """

    model: str | None = None
    release: str = ""
    reason: str = ""
    wait_minutes: float = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("rollback", "Put the former release back.")
    parser.add_argument(
        "--release", default="", metavar="ID", help="roll back only if this release was deployed last"
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="is recorded")
    add_wait_option(parser)
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        if options.env == LOCAL:
            raise ConfigurationError(
                "the local AWS takes the work tree and keeps no releases; check an older commit out, and `make deploy`"
            )
        check_no_placeholder(project, options.env)
        request = RollbackRequest(options.model, options.release, options.reason, options.wait)
        roll_back(aws_session(project, options.env), project, request, cli.say_on)
        return 0

    return cli.exit_status(command)


def roll_back(
    aws: AwsSession, project: Project, request: RollbackRequest, say: Callable[[str], None]
) -> None:
    """Put the former release of each model back.

    Raises:
        ReleaseError: a model has none, or what the bucket has of it was altered.
        DeployError: another deployment is running, or a stack did not get there.
    """
    preflight.check_bootstrapped(aws, project)
    artefacts = Artefacts(aws, project)
    # Also before the lock: a deployment that could not get it has nothing to roll back.
    if not _models_to_roll_back(artefacts, request, say):
        return
    with deployment_lock(artefacts, request.wait_minutes, say):
        targets = _former_releases(artefacts, request, say)
        for model, target in targets.items():
            with tempfile.TemporaryDirectory() as folder:
                release = fetch(aws, project, target.release, Path(folder), target.manifest_hash)
                say(f"{model}: back to {release.name}")
                preflight.check_target(aws, project, release)
                of_release = session_for(aws, release.project, aws.name)
                preflight.check_image(of_release, None, release)
                preflight.check_stacks(of_release, release, [model])
                with Ledger(artefacts, model).recorded(release, ROLLED_BACK, request.reason):
                    deploy(of_release, release, model, say)


def _former_releases(
    artefacts: Artefacts, request: RollbackRequest, say: Callable[[str], None]
) -> dict[str, Deployment]:
    """Return by model the deployment to put back, and say which models have none.

    Raises `ReleaseError` when no model has one.
    """
    environment = artefacts.aws.name
    models = _models_to_roll_back(artefacts, request, say)
    if not models:
        return {}
    deployments = {model: Ledger(artefacts, model).deployments() for model in models}
    found = {model: former(deployments[model]) for model in models}
    missing = [model for model, deployment in found.items() if deployment is None]
    if len(missing) == len(models):
        raise ReleaseError(
            f"{environment} has no former release of {', '.join(missing)} to put back; `make releases ENV={environment}` "
            "lists what was deployed. Deploy a new release instead"
        )
    for model in missing:
        say(f"{model}: has no former release, and stays as it is")
    return {model: deployment for model, deployment in found.items() if deployment}


def _models_to_roll_back(
    artefacts: Artefacts, request: RollbackRequest, say: Callable[[str], None]
) -> list[str]:
    """Return the models to roll back; none, with a message, when the given release is not the one to roll back."""
    models = list(cli.model_names(artefacts.project, request.model))
    if not request.release:
        return models
    newest = {model: Ledger(artefacts, model).deployments(1) for model in models}
    last = [model for model in models if [one.release for one in newest[model]] == [request.release]]
    run, environment = this_run(), artefacts.aws.name
    deployed_here = [model for model in last if run in {"", newest[model][0].run}]
    if not deployed_here:
        fact = (
            f"was not deployed to {environment} by {run}"
            if last
            else f"is not the last one deployed to {environment}"
        )
        say(f"release {request.release} {fact}; nothing changes")
    return deployed_here
