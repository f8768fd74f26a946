"""Check what is deployed: `headrace smoke --env prod [--model NAME] [--release FOLDER|ID]`.

Without --release it is the one that is deployed there by the record of deployments; on `local`, the work tree.

Exit status: 0 all is as it should be, 1 a check failed, 2 wrong use or configuration: nothing was checked.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from headrace.errors import ConfigurationError, ReleaseError
from headrace_aws import cli
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.model_context import ModelContext
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.ledger import Ledger
from headrace_aws.release.manifest import IDENTITY, Release, release_in, work_tree
from headrace_aws.release.store import fetch
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.smoke.remedy import deploy_command
from headrace_aws.smoke.smoke import smoke


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status, as the module says."""
    parser = cli.parser("smoke", "Check what is deployed.")
    parser.add_argument(
        "--release", default="", metavar="FOLDER|ID", help="by default the one that is deployed there"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        aws = aws_session(project, options.env)
        statuses = []
        for model in cli.model_names(project, options.model):
            with tempfile.TemporaryDirectory() as folder:
                release = _release(aws, project, model, options.release, Path(folder))
                # The settings of the environment are those of the release, not of the work tree.
                context = ModelContext(aws_session(release.project, options.env), release.project, model)
                statuses.append(smoke(context, release, cli.say))
        return max(statuses)

    return cli.exit_status(command)


def _release(aws: AwsSession, project: Project, model: str, given: str, folder: Path) -> Release:
    """Return the release that should be deployed."""
    if aws.name == LOCAL:
        if given:
            raise ConfigurationError(
                "the local AWS has the work tree; leave RELEASE out, or name another ENV"
            )
        return work_tree(project=project)
    if given and not IDENTITY.fullmatch(given):
        return release_in(Path(given))
    return fetch(aws, project, given or _deployed_release(aws, project, model), folder)


def _deployed_release(aws: AwsSession, project: Project, model: str) -> str:
    deployment = Ledger(Artefacts(aws, project), model).in_place()
    if deployment is None:
        raise ReleaseError(f"no release of {model} is deployed in {aws.name}; {deploy_command(aws, None)}")
    return deployment.release
