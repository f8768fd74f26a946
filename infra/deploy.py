"""Deploy models: `python -m infra.deploy --env local [--model NAME]`.

The data stack, the definitions (each under its content's hash, so that none is ever overwritten), the model's
pipelines stack, and its automation stack. A second deployment of the same thing changes nothing.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from infra import cli, names, wanted
from infra.aws import Clients, check_no_placeholder, clients
from infra.change_set import deploy_stack
from infra.release.manifest import DEFINITIONS, Release, work_tree
from pipelines.project import load_project
from pipelines.render import FILES, rendered

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = cli.parser("infra.deploy", "Deploy the stacks of a model.").parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        # What is missing on our side is told before the first call.
        check_no_placeholder(project, options.env)
        release = work_tree(project=project)
        check_definitions(release)
        deploy(clients(project, options.env), release, model, cli.say)
        return 0

    return cli.exit_status(command)


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
