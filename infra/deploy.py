"""Deploy a model: `python -m infra.deploy --env local [--model NAME]`.

The data stack, the definitions (each under its content's hash, so that none is ever overwritten), the model's
pipelines stack, and its automation stack. A second deployment of the same thing changes nothing.
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
from infra.aws import Clients, check_no_placeholder, clients
from infra.change_set import Stack, deploy_stack
from pipelines.project import LOCAL, ROOT, Environment, Model, Project, load_project
from pipelines.render import DEFINITIONS, FILES, PIPELINES, rendered

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STACKS = ROOT / "infra" / "stacks"

_APPROVAL = {"auto": "Approved", "manual": "PendingManualApproval"}
_HASH_LENGTH = 16
_UNKNOWN = "unknown"
_DIRTY = "-dirty"
_IMAGE = re.compile(
    r"(?P<registry>\d{12}\.dkr\.ecr\.[a-z0-9-]+\.[a-z.]+)/(?P<repository>[^:@]+)(:[^@]+)?(?P<digest>@sha256:[0-9a-f]{64})?"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = cli.parser("infra.deploy", "Deploy the stacks of a model.").parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        # What is missing on our side is told before the first call.
        check_no_placeholder(project, options.env)
        check_definitions(project)
        image_uri(project, options.env)
        commit_to_deploy(options.env)
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
    """Bring all stacks of a model to what this checkout says, and say what changed.

    Raises:
        ConfigurationError: a definition is not rendered, the environment has no image, or an account would get
            what no commit holds.
        DeployError: a stack did not get there; the former one is in place.
    """
    image = image_uri(project, found.name)
    commit = commit_to_deploy(found.name)
    files = _definition_files(model, definitions)
    tags = {"project": project.name}
    data = Stack(
        names.data_stack(project),
        STACKS / "data.yaml",
        {"ProjectName": project.name, "NotifyEmail": found.environment.notify or ""},
        tags,
    )
    deploy_stack(found, data, say)
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
            "GitCommit": commit,
            **_operation(found.environment),
            **keys,
        },
        tags | {"model": model},
    )
    deploy_stack(found, pipelines, say)
    automation = Stack(
        names.automation_stack(project, model),
        STACKS / "automation.yaml",
        {
            "ProjectName": project.name,
            "ModelName": model,
            "DataStackName": data.name,
            "PipelinesStackName": pipelines.name,
            **_automation(found.environment, project.model(model)),
        },
        tags | {"model": model},
    )
    deploy_stack(found, automation, say)


def check_definitions(project: Project, folder: Path = DEFINITIONS) -> None:
    """Raise `ConfigurationError` when the rendered definitions are not what project.toml says."""
    faults = FILES.stale(rendered(project), folder)
    if faults:
        raise ConfigurationError("\n".join(["the definitions would deploy something else:", *faults]))


def image_uri(project: Project, environment_name: str) -> str:
    """Return the image of the jobs.

    Raises:
        ConfigurationError: an account has none by digest, or it lies where the jobs may not pull from.
    """
    environment = project.environment(environment_name)
    image = environment.image
    if environment_name == LOCAL and image is None:
        return f"{environment.account}.dkr.ecr.{environment.region}.amazonaws.com/{project.name}:worktree"
    remedy = (
        f"set image = '<account>.dkr.ecr.<region>.amazonaws.com/{project.name}@sha256:...' "
        f"under [environments.{environment_name}]"
    )
    found = _IMAGE.fullmatch(image or "")
    if environment_name != LOCAL and not (found and found["digest"]):
        raise ConfigurationError(
            f"environment {environment_name} has no image in ECR by digest (found {image!r}); push one, then {remedy}"
        )
    if image is None or found is None or found["repository"] != project.name:
        raise ConfigurationError(
            f"environment {environment_name} has the image {image!r}, and its jobs may pull from an ECR repository "
            f"{project.name!r} only, the project's name; push it there, then {remedy}"
        )
    return image


def commit_to_deploy(environment_name: str, folder: Path = ROOT) -> str:
    """Return what `git_commit` does; raise `ConfigurationError` when an account would get what no commit holds."""
    commit = git_commit(folder)
    if environment_name == LOCAL or not (commit == _UNKNOWN or commit.endswith(_DIRTY)):
        return commit
    fact = (
        f"{folder} is no git checkout with a commit"
        if commit == _UNKNOWN
        else f"files differ from commit {commit.removesuffix(_DIRTY)}"
    )
    raise ConfigurationError(
        f"{fact}; commit your changes: what is deployed to {environment_name} must be found again"
    )


def git_commit(folder: Path = ROOT) -> str:
    """Return the commit that is checked out, with `-dirty` when files differ from it, or `unknown`."""
    git = shutil.which("git")
    if git is None:
        return _UNKNOWN
    commit = _git(git, folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        return _UNKNOWN
    return f"{commit}{_DIRTY}" if _git(git, folder, "status", "--porcelain") else commit


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


def _automation(environment: Environment, model: Model) -> dict[str, str]:
    schedules = environment.schedules
    return {
        "Automation": "ENABLED" if environment.automation else "DISABLED",
        "RetrainingSchedule": schedules.retraining,
        "InferenceSchedule": schedules.inference,
        "QualitySchedule": schedules.quality,
        "ScheduleTimezone": schedules.timezone,
        "PredictionsMaximumAgeInDays": str(model.inference.maximum_age_in_days),
    }


def _git(git: str, folder: Path, *arguments: str) -> str | None:
    answer = subprocess.run(  # noqa: S603 - git, with arguments of ours
        [git, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main())
