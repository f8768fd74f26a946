"""Names of what a deployment makes, all derived from `project.toml`."""

from headrace_aws.config.environment import Environment
from headrace_aws.config.project import Project

# Pipelines that a command starts or looks up by itself; a project may have others beside them.
TRAINING, INFERENCE, SMOKE = "training", "inference", "smoke"


def bootstrap_stack(project: Project) -> str:
    return f"{project.name}-bootstrap"


def permissions_stack(project: Project) -> str:
    return f"{project.name}-permissions"


def network_stack(project: Project) -> str:
    return f"{project.name}-network"


def data_stack(project: Project) -> str:
    return f"{project.name}-data"


def shared_stacks(project: Project) -> tuple[str, ...]:
    """Return the stacks that all models share, in the order in which they can be deleted."""
    return (data_stack(project), network_stack(project), *free_stacks(project))


def free_stacks(project: Project) -> tuple[str, str]:
    """Return the stacks that an administrator makes and that cost nothing: bootstrap, and then permissions."""
    return (bootstrap_stack(project), permissions_stack(project))


def pipelines_stack(project: Project, model: str) -> str:
    return f"{project.name}-{model}-pipelines"


def automation_stack(project: Project, model: str) -> str:
    return f"{project.name}-{model}-automation"


def schedule_group(project: Project, model: str) -> str:
    return f"{project.name}-{model}"


def artefact_bucket(project: Project, environment: Environment) -> str:
    """Return the bucket of the bootstrap stack, which holds releases and what was deployed when."""
    return f"{project.name}-artefacts-{environment.account}-{environment.region}"


def repository_uri(project: Project, environment: Environment) -> str:
    """Return the address of the image repository, without tag or digest."""
    return f"{environment.account}.dkr.ecr.{environment.region}.{_suffix(environment)}/{project.name}"


def role_arn(project: Project, environment: Environment, role: str) -> str:
    """Return the ARN of a role that an administrator made: `plan`, `preview`, `drift`, `deploy` or `cloudformation`."""
    return f"arn:{_partition(environment)}:iam::{environment.account}:role/{project.name}-{role}"


def boundary_arn(project: Project, environment: Environment) -> str:
    """Return the ARN of the permissions boundary, which every role of the project carries."""
    return f"arn:{_partition(environment)}:iam::{environment.account}:policy/{project.name}-boundary"


def preview(model: str, number: int) -> str:
    """Return the name of the model that previews a pull request; project.toml has none like it."""
    return f"{model}-pr-{number}"


def data_bucket(project: Project, environment: Environment) -> str:
    return f"{project.name}-data-{environment.account}-{environment.region}"


def access_logs_bucket(project: Project, environment: Environment) -> str:
    """Return the bucket that holds who read and wrote the data bucket."""
    return f"{project.name}-access-logs-{environment.account}-{environment.region}"


def topic_arn(project: Project, environment: Environment) -> str:
    """Return the ARN of the topic that tells how each run ended."""
    return f"arn:{_partition(environment)}:sns:{environment.region}:{environment.account}:{project.name}-runs"


def run_table(project: Project) -> str:
    return f"{project.name}-runs"


def model_package_group(project: Project, model: str) -> str:
    return f"{project.name}-{model}"


def model_package_arn(project: Project, environment: Environment, model: str, version: int) -> str:
    place = f"arn:{_partition(environment)}:sagemaker:{environment.region}:{environment.account}"
    return f"{place}:model-package/{model_package_group(project, model)}/{version}"


def state_machine_arn(project: Project, environment: Environment, model: str, pipeline: str) -> str:
    place = f"arn:{_partition(environment)}:states:{environment.region}:{environment.account}"
    return f"{place}:stateMachine:{pipeline_prefix(project, model)}{pipeline}"


def pipeline_prefix(project: Project, model: str) -> str:
    """Return how the names of a model's state machines begin; the pipeline follows."""
    return f"{project.name}-{model}-"


def pipelines_log_group(project: Project, model: str) -> str:
    """Return the log group of a model's state machines."""
    return f"/aws/vendedlogs/states/{project.name}-{model}"


def logical_name(pipeline: str) -> str:
    """Return how the logical ids of a pipeline begin in the templates, such as CrossValidation."""
    return "".join(part.title() for part in pipeline.split("-"))


def execution_arn(state_machine_arn: str, execution: str) -> str:
    return f"{state_machine_arn.replace(':stateMachine:', ':execution:')}:{execution}"


def log_group(job: str) -> str:
    """Return the log group of a job from its kind, `ProcessingJob` or `TrainingJob`."""
    return f"/aws/sagemaker/{job}s"


def object_url(environment: Environment, bucket: str, key: str) -> str:
    return f"https://{bucket}.s3.{environment.region}.{_suffix(environment)}/{key}"


def _suffix(environment: Environment) -> str:
    return "amazonaws.com.cn" if _partition(environment) == "aws-cn" else "amazonaws.com"


def _partition(environment: Environment) -> str:
    if environment.region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if environment.region.startswith("us-gov-") else "aws"
