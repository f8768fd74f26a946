"""The stacks of a model, as a release wants them in an environment.

A release may be older than this code: what its templates do not ask for is not given to them.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.errors import ConfigurationError, DeployError
from infra import names
from infra.aws import Clients
from infra.change_set import Stack
from infra.release.manifest import Release
from pipelines.environment import LOCAL, Environment
from pipelines.project import Model
from pipelines.render import PIPELINES

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

_APPROVAL = {"auto": "Approved", "manual": "PendingManualApproval"}
_HASH_LENGTH = 16
_PARAMETERS = re.compile(r"^Parameters:\n((?:[ #].*\n|\n)*)", re.MULTILINE)
_NAME = re.compile(r"^  (\w+):", re.MULTILINE)


def stacks(found: Clients, release: Release, model: str) -> tuple[Stack, Stack, Stack]:
    """Return the data stack, the model's pipelines stack and its automation stack, in the order of deployment.

    Raises:
        ConfigurationError: a definition is not rendered.
        DeployError: the environment uses the network stack, and there is none.
    """
    return (
        data_stack(found, release),
        pipelines_stack(found, release, model),
        automation_stack(found, release, model),
    )


def data_stack(found: Clients, release: Release) -> Stack:
    """Return the stack of what all models share."""
    parameters = {"ProjectName": release.project.name, "NotifyEmail": found.environment.notify or ""}
    return _stack(found, release, names.data_stack(release.project), "data", parameters)


def pipelines_stack(found: Clients, release: Release, model: str) -> Stack:
    """Return the stack of a model's pipelines."""
    project, environment = release.project, found.environment
    parameters = {
        "ProjectName": project.name,
        "ModelName": model,
        "DataStackName": names.data_stack(project),
        "ImageUri": release.image_uri(environment),
        "GitCommit": release.commit,
        "ModelApprovalStatus": _APPROVAL[environment.approval],
        "LogsRetentionInDays": str(environment.logs_retention_in_days),
        **_network(found, release),
        **_boundary(found, release),
        **{
            f"{_words(pipeline)}DefinitionKey": key
            for pipeline, (_, key) in definitions(release, model).items()
        },
    }
    return _stack(found, release, names.pipelines_stack(project, model), "pipelines", parameters, model=model)


def automation_stack(found: Clients, release: Release, model: str) -> Stack:
    """Return the stack of what starts a model's pipelines by itself."""
    project = release.project
    parameters = {
        "ProjectName": project.name,
        "ModelName": model,
        "DataStackName": names.data_stack(project),
        "PipelinesStackName": names.pipelines_stack(project, model),
        **_automation(found.environment, project.model(model)),
        **_boundary(found, release),
    }
    return _stack(
        found, release, names.automation_stack(project, model), "automation", parameters, model=model
    )


def definitions(release: Release, model: str) -> Mapping[str, tuple[Path, str]]:
    """Return by pipeline the file of its definition, and the key in the data bucket that its content has there.

    A key holds the content's hash, so that none is ever overwritten.

    Raises:
        ConfigurationError: a definition is not rendered.
    """
    found = {}
    for pipeline in (module.NAME for module in PIPELINES):
        file = release.definition(model, pipeline)
        if not file.is_file():
            if release.manifest:
                continue  # the pipeline came later
            raise ConfigurationError(
                f"the {pipeline} pipeline of {model} has no definition at {file}; `make render` writes it"
            )
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:_HASH_LENGTH]
        found[pipeline] = (file, f"{model}/definitions/{pipeline}-{digest}.asl.json")
    return found


def parameter_names(template: str) -> set[str]:
    """Return the names of a template's parameters, from its text as ours are written: two spaces a level."""
    section = _PARAMETERS.search(template)
    return set(_NAME.findall(section[1])) if section else set()


def _stack(
    found: Clients, release: Release, name: str, template: str, parameters: Mapping[str, str], **tags: str
) -> Stack:
    role = (
        None if found.name == LOCAL else names.role_arn(release.project, found.environment, "cloudformation")
    )
    file = release.template(template)
    known = parameter_names(file.read_text(encoding="utf-8"))
    return Stack(
        name,
        file,
        {key: value for key, value in parameters.items() if not release.manifest or key in known},
        {"project": release.project.name, **tags},
        role_arn=role,
        protected=found.environment.protected,
    )


def _network(found: Clients, release: Release) -> dict[str, str]:
    """Return the parameters of the environment's own network, or of the network stack."""
    environment = found.environment
    if environment.subnets:
        return {
            "SubnetIds": ",".join(environment.subnets),
            "SecurityGroupIds": ",".join(environment.security_groups),
        }
    stack = names.network_stack(release.project)
    cloudformation: CloudFormationClient = found.client("cloudformation")
    try:
        [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise DeployError(
            f"environment {found.name} names no subnets and has no stack {stack}; `make bootstrap ENV={found.name}` "
            f"makes it, or give subnets and security_groups under [environments.{found.name}]"
        ) from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    return {name: outputs[name] for name in ("SubnetIds", "SecurityGroupIds")}


def _boundary(found: Clients, release: Release) -> dict[str, str]:
    arn = "" if found.name == LOCAL else names.boundary_arn(release.project, found.environment)
    return {"PermissionsBoundaryArn": arn}


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


def _words(pipeline: str) -> str:
    """Return a pipeline's name as the templates have it, such as CrossValidation."""
    return "".join(part.title() for part in pipeline.split("-"))
