"""Deploy a model: `python -m infra.deploy --env local [--model NAME]`.

The data stack, the definitions (each under its content's hash, so that none is ever overwritten), and the
model's pipelines stack. A second deployment of the same thing changes nothing.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from infra import cli, names
from infra.aws import Clients, clients
from infra.change_set import Stack, deploy_stack
from pipelines.project import LOCAL, ROOT, Environment, Project, load_project
from pipelines.render import DEFINITIONS, PIPELINES, rendered, stale

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STACKS = ROOT / "infra" / "stacks"

_APPROVAL = {"auto": "Approved", "manual": "PendingManualApproval"}
_HASH_LENGTH = 16
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = cli.parser("infra.deploy", "Deploy the stacks of a model.").parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        check_definitions(project)
        image_uri(project, options.env)  # a missing image is told before the first call
        deploy(clients(project, options.env), project, model, cli.say)
        return 0

    return cli.exit_status(command)


def deploy(
    found: Clients,
    project: Project,
    model: str,
    say: Callable[[str], None],
    definitions: Path = DEFINITIONS,
) -> None:
    """Bring both stacks of a model to what this checkout says, and say what changed.

    Raises:
        ConfigurationError: a definition is not rendered, or the environment has no image.
        DeployError: a stack did not get there; the former one is in place.
    """
    image = image_uri(project, found.name)
    files = _definition_files(model, definitions)
    cloudformation = found.client("cloudformation")
    tags = {"project": project.name}
    data = Stack(
        names.data_stack(project),
        STACKS / "data.yaml",
        {"ProjectName": project.name, "NotifyEmail": found.environment.notify or ""},
        tags,
    )
    deploy_stack(cloudformation, data, say)
    bucket = names.data_bucket(project, found.environment)
    keys = {
        _parameter(pipeline): uploaded(found.client("s3"), bucket, f"{model}/definitions/{pipeline}", file)
        for pipeline, file in files.items()
    }
    pipelines = Stack(
        names.pipelines_stack(project, model),
        STACKS / "pipelines.yaml",
        {
            "ProjectName": project.name,
            "ModelName": model,
            "DataStackName": data.name,
            "ImageUri": image,
            "GitCommit": git_commit(),
            **_operation(found.environment),
            **keys,
        },
        tags | {"model": model},
    )
    deploy_stack(cloudformation, pipelines, say)


def check_definitions(project: Project, folder: Path = DEFINITIONS) -> None:
    """Raise `ConfigurationError` when the rendered definitions are not what project.toml says."""
    faults = stale(rendered(project), folder)
    if faults:
        raise ConfigurationError("\n".join(["the definitions would deploy something else:", *faults]))


def image_uri(project: Project, environment_name: str) -> str:
    """Return the image of the jobs; raise `ConfigurationError` when an account has none by digest."""
    environment = project.environment(environment_name)
    if environment_name == LOCAL:
        registry = f"{environment.account}.dkr.ecr.{environment.region}.amazonaws.com"
        return environment.image or f"{registry}/{project.name}:worktree"
    if environment.image is None or not _DIGEST.search(environment.image):
        raise ConfigurationError(
            f"environment {environment_name} has no image by digest (found {environment.image!r}); push one, "
            f"then set image = '<registry>/{project.name}@sha256:...' under [environments.{environment_name}]"
        )
    return environment.image


def git_commit(folder: Path = ROOT) -> str:
    """Return the commit that is checked out, with `-dirty` when files differ from it, or `unknown`."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    commit = _git(git, folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        return "unknown"
    return f"{commit}-dirty" if _git(git, folder, "status", "--porcelain") else commit


def uploaded(s3: "S3Client", bucket: str, prefix: str, file: Path) -> str:
    """Return the key `<prefix>-<hash of the content>.asl.json`, under which the file now is."""
    content = file.read_bytes()
    key = f"{prefix}-{hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]}.asl.json"
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchKey"}:
            raise
        s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json")
    return key


def _definition_files(model: str, folder: Path) -> Mapping[str, Path]:
    files = {pipeline.NAME: folder / f"{model}-{pipeline.NAME}.asl.json" for pipeline in PIPELINES}
    for pipeline, file in files.items():
        if not file.is_file():
            raise ConfigurationError(
                f"the {pipeline} pipeline of {model} has no definition at {file}; " "`make render` writes it"
            )
    return files


def _parameter(pipeline: str) -> str:
    """Return the parameter of pipelines.yaml that takes a pipeline's key, such as TrainingDefinitionKey."""
    return "".join(part.title() for part in pipeline.split("-")) + "DefinitionKey"


def _operation(environment: Environment) -> dict[str, str]:
    return {
        "SubnetIds": ",".join(environment.subnets),
        "SecurityGroupIds": ",".join(environment.security_groups),
        "ModelApprovalStatus": _APPROVAL[environment.approval],
        "LogsRetentionInDays": str(environment.logs_retention_in_days),
    }


def _git(git: str, folder: Path, *arguments: str) -> str | None:
    answer = subprocess.run(  # noqa: S603 - git, with arguments of ours
        [git, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
