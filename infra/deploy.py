"""Deploy models: `python -m infra.deploy --env dev --release dist/release [--model NAME]`.

The data stack, the definitions (each under its content's hash, so that none is ever overwritten), the model's
pipelines stack, and its automation stack. A second deployment of the same thing changes nothing.

The local AWS takes the work tree. An account takes releases only: a folder that `make release` built, or the id of one
that the environment before has (without one before, this environment itself).
"""

import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from infra import cli, names, preflight, wanted
from infra.aws import Clients, check_no_placeholder, clients, elsewhere
from infra.change_set import deploy_stack
from infra.release.artefacts import Artefacts
from infra.release.ledger import DEPLOYED, Ledger
from infra.release.lock import held
from infra.release.manifest import DEFINITIONS, IDENTITY, Release, release_in, work_tree
from infra.release.promotion import before
from infra.release.store import fetched, publish
from pipelines.environment import LOCAL
from pipelines.project import Project, load_project
from pipelines.render import FILES, rendered

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Given:
    """What a person asks for: a folder or an id, one model or all, and how long to wait for another deployment."""

    release: str
    model: str | None = None
    wait_minutes: float = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("infra.deploy", "Deploy the stacks of a release.")
    parser.add_argument("--release", default="", metavar="FOLDER|ID", help="needed unless --env is local")
    parser.add_argument(
        "--wait", type=float, default=0, metavar="MINUTES", help="for another deployment to end"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        # A workflow that is cancelled shall leave its record and take its lock away.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        project = load_project()
        # What is missing on our side is told before the first call.
        check_no_placeholder(project, options.env)
        if options.env == LOCAL:
            deploy_work_tree(project, cli.model_names(project, options.model), options.release, cli.say_on)
        else:
            given = Given(_named(options.release, options.env), options.model, options.wait)
            deploy_given(clients(project, options.env), project, given, cli.say_on)
        return 0

    return cli.exit_status(command)


def _named(release: str, environment_name: str) -> str:
    """Return the release that is named; raise `ConfigurationError` when none is."""
    if not release:
        raise ConfigurationError(
            f"RELEASE is missing: environment {environment_name} takes releases only. `make release` builds one, then "
            f"make deploy ENV={environment_name} RELEASE=dist/release"
        )
    return release


def deploy_work_tree(project: Project, models: Sequence[str], given: str, say: Callable[[str], None]) -> None:
    """Deploy the work tree to the local AWS, which takes no release."""
    if given:
        raise ConfigurationError("the local AWS takes the work tree; leave RELEASE out, or name another ENV")
    release = work_tree(project=project)
    check_definitions(release)
    found = clients(project, LOCAL)
    for model in models:
        deploy(found, release, model, say)


def deploy_given(found: Clients, project: Project, given: Given, say: Callable[[str], None]) -> None:
    """Deploy the release that is in a folder, or that the environment before has under an id.

    Raises:
        ConfigurationError: its settings cannot be used here.
        ReleaseError: it is not what was built, or may not go to this environment.
        DeployError: another deployment is at work, or a stack did not get there.
    """
    preflight.check_bootstrapped(found, project)
    with tempfile.TemporaryDirectory() as folder:
        if IDENTITY.fullmatch(given.release):
            release = fetched(before(found, project) or found, project, given.release, Path(folder))
        else:
            release = release_in(Path(given.release))
        # From here on the release's own project.toml counts.
        preflight.check_place(found, project, release)
        found = elsewhere(found, release.project, found.name)
        source = before(found, release.project)
        models = cli.model_names(release.project, given.model)
        with held(Artefacts(found, release.project), given.wait_minutes, say):
            preflight.check(found, source, release, models)
            publish(found, release, source, say)
            for model in models:
                ledger = Ledger(Artefacts(found, release.project), model)
                with ledger.recorded(release, DEPLOYED, ""):
                    deploy(found, release, model, say)


def deploy(found: Clients, release: Release, model: str, say: Callable[[str], None]) -> None:
    """Bring all stacks of a model to what a release says, and say what changed.

    Raises:
        ConfigurationError: a definition is not rendered.
        DeployError: a stack did not get there; the former one is in place.
    """
    deploy_stack(found, wanted.data_stack(found, release), say)
    bucket = names.data_bucket(release.project, found.environment)
    for file, key in wanted.definitions(release, model).values():
        upload(found.client("s3"), bucket, key, file)
    deploy_stack(found, wanted.pipelines_stack(found, release, model), say)
    deploy_stack(found, wanted.automation_stack(found, release, model), say)


def check_definitions(release: Release) -> None:
    """Raise `ConfigurationError` when the rendered definitions are not what project.toml says."""
    faults = FILES.stale(rendered(release.project), release.folder / DEFINITIONS)
    if faults:
        raise ConfigurationError("\n".join(["the definitions would deploy something else:", *faults]))


def upload(s3: "S3Client", bucket: str, key: str, file: Path) -> None:
    """Put a definition under its key, unless it is there: the key holds the hash of the content."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchKey"}:
            raise
        s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes(), ContentType="application/json")


if __name__ == "__main__":
    sys.exit(main())
