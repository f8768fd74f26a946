"""Names of what a deployment makes, all derived from `project.toml`."""

from pipelines.project import Environment, Project


def data_stack(project: Project) -> str:
    return f"{project.name}-data"


def pipelines_stack(project: Project, model: str) -> str:
    return f"{project.name}-{model}-pipelines"


def automation_stack(project: Project, model: str) -> str:
    return f"{project.name}-{model}-automation"


def schedule_group(project: Project, model: str) -> str:
    return f"{project.name}-{model}"


def data_bucket(project: Project, environment: Environment) -> str:
    return f"{project.name}-data-{environment.account}-{environment.region}"


def run_table(project: Project) -> str:
    return f"{project.name}-runs"


def model_package_group(project: Project, model: str) -> str:
    return f"{project.name}-{model}"


def model_package_arn(project: Project, environment: Environment, model: str, version: int) -> str:
    place = f"arn:{_partition(environment)}:sagemaker:{environment.region}:{environment.account}"
    return f"{place}:model-package/{model_package_group(project, model)}/{version}"


def state_machine_arn(project: Project, environment: Environment, model: str, pipeline: str) -> str:
    name = f"{project.name}-{model}-{pipeline}"
    return (
        f"arn:{_partition(environment)}:states:{environment.region}:{environment.account}:stateMachine:{name}"
    )


def execution_arn(state_machine_arn: str, execution: str) -> str:
    return f"{state_machine_arn.replace(':stateMachine:', ':execution:')}:{execution}"


def log_group(job: str) -> str:
    """Return the log group of a job from its kind, `ProcessingJob` or `TrainingJob`."""
    return f"/aws/sagemaker/{job}s"


def _partition(environment: Environment) -> str:
    if environment.region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if environment.region.startswith("us-gov-") else "aws"
