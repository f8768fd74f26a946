"""Deploy models: `headrace deploy --env dev --release dist/release [--model NAME]`.

The data stack, the definitions (each under its content's hash, so that none is ever overwritten), the model's
pipelines stack, and its automation stack. A second deployment of the same thing changes nothing.

The local AWS takes the work tree. An account takes releases only: a folder that `make release` built, or the id of one
that the environment before has (without one before, this environment itself).
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from headrace_aws import cli, local_aws, naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.deploy import preflight
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.deployment_lock import add_wait_option, deployment_lock, local_lock
from headrace_aws.release.ledger import DEPLOYED, Ledger
from headrace_aws.release.manifest import IDENTITY, Release, release_in, work_tree
from headrace_aws.release.promotion import environment_before
from headrace_aws.release.store import fetch, publish
from headrace_aws.session import AwsSession, aws_session, check_no_placeholder, session_for
from headrace_aws.stacks import desired
from headrace_aws.stacks.change_set import deploy_stack
from headrace_aws.stacks.deployed import completed_stack

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Six minutes: AWS documents that permissions may see a new alias only after five.
RETRY_SECONDS = (10.0, 20.0, 30.0, 60.0, 60.0, 60.0, 60.0, 60.0)


@dataclass(frozen=True)
class DeployRequest:
    """The release to deploy, a folder or an id; one model or all; and how long to wait for another deployment.

    `manifest_hash` is the SHA-256 of the release's `release.json`, where it is known from its build.
    """

    release: str
    model: str | None = None
    wait_minutes: float = 0
    manifest_hash: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("deploy", "Deploy the stacks of a release.")
    parser.add_argument(
        "--release",
        default="",
        metavar="FOLDER|ID",
        help="a folder that `make release` built, or an id; needed unless --env is local",
    )
    parser.add_argument(
        "--manifest", default="", metavar="SHA256", help="hash of the release.json, as its build printed it"
    )
    add_wait_option(parser)
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        check_no_placeholder(project, options.env)
        if options.env == LOCAL:
            deploy_work_tree(project, cli.model_names(project, options.model), options.release, cli.say_on)
        else:
            request = DeployRequest(
                _required_release(options.release, options.env), options.model, options.wait, options.manifest
            )
            deploy_release(aws_session(project, options.env), project, request, cli.say_on)
        return 0

    return cli.exit_status(command)


def _required_release(release: str, environment_name: str) -> str:
    """Return the release that is named; raise `ConfigurationError` when none is."""
    if not release:
        raise ConfigurationError(
            f"RELEASE is missing: environment {environment_name} takes releases only. `make release` builds one, then "
            f"make deploy ENV={environment_name} RELEASE=dist/release"
        )
    return release


def deploy_work_tree(project: Project, models: Sequence[str], named: str, say: Callable[[str], None]) -> None:
    """Deploy the work tree to the local AWS; raise `ConfigurationError` when a release is named, which it does not take."""
    if named:
        raise ConfigurationError("the local AWS takes the work tree; leave RELEASE out, or name another ENV")
    release = work_tree(project=project)
    aws = aws_session(project, LOCAL)
    with local_lock(aws.home or local_aws.home(), "`make deploy`", say):
        for model in models:
            deploy(aws, release, model, say)


def deploy_release(
    aws: AwsSession, project: Project, request: DeployRequest, say: Callable[[str], None]
) -> None:
    """Deploy the release that is in a folder, or that the environment before has under an id.

    Raises:
        ConfigurationError: its settings cannot be used here.
        ReleaseError: it is not what was built, or may not go to this environment.
        DeployError: another deployment is running, or a stack did not get there.
    """
    preflight.check_bootstrapped(aws, project)
    with tempfile.TemporaryDirectory() as folder:
        # Of the checkout, not of the release, which must not choose itself where it was tested.
        source = environment_before(aws, project)
        if IDENTITY.fullmatch(request.release):
            release = fetch(source or aws, project, request.release, Path(folder), request.manifest_hash)
        else:
            release = release_in(Path(request.release), request.manifest_hash)
        preflight.check_target(aws, project, release)
        preflight.check_environment_before(aws, project, release)
        # From here on the release's own project.toml counts.
        aws = session_for(aws, release.project, aws.name)
        models = cli.model_names(release.project, request.model)
        with deployment_lock(Artefacts(aws, release.project), request.wait_minutes, say):
            preflight.check(aws, source, release, models)
            publish(aws, release, source, say)
            for model in models:
                ledger = Ledger(Artefacts(aws, release.project), model)
                with ledger.recorded(release, DEPLOYED, ""):
                    deploy(aws, release, model, say)


def deploy(aws: AwsSession, release: Release, model: str, say: Callable[[str], None]) -> None:
    """Bring all stacks of a model to a release, and say what changed.

    Raises:
        ConfigurationError: a definition is not rendered.
        DeployError: a stack did not get there; the former one is in place.
    """
    data = desired.data_stack(aws, release)
    is_new = completed_stack(aws, data.name) is None
    deploy_stack(aws, data, say)
    retry_while_denied(lambda: upload_definitions(aws, release, model), say, RETRY_SECONDS if is_new else ())
    deploy_stack(aws, desired.pipelines_stack(aws, release, model), say)
    deploy_stack(aws, desired.automation_stack(aws, release, model), say)


def upload_definitions(aws: AwsSession, release: Release, model: str) -> None:
    """Put into the data bucket what the pipelines stack of a model is made from."""
    s3: S3Client = aws.client("s3")
    bucket = naming.data_bucket(release.project, aws.environment)
    for key, file in desired.uploads(release, model).items():
        # Also over an object that is there: its content need not match the hash in the key.
        s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())


def retry_while_denied(
    action: Callable[[], None], say: Callable[[str], None], pauses: Sequence[float] = RETRY_SECONDS
) -> None:
    """Retry on AccessDenied while the alias of a new KMS key propagates (kms:ResourceAliases); `pauses` in seconds."""
    for pause in pauses:
        try:
            return action()
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
        say(
            "access denied: permissions see the alias of the new KMS key only after some minutes; "
            f"trying again in {pause:.0f} s"
        )
        time.sleep(pause)
    return action()
