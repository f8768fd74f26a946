"""The desired stacks of a model: what a release deploys to an environment.

A release may be older than this code: what its templates do not ask for is not given to them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from headrace.errors import ConfigurationError, DeployError
from headrace.files import file_text
from headrace_aws import naming
from headrace_aws.asl.render import FILES, model_and_pipeline, pipeline_names
from headrace_aws.config.environment import LOCAL, Environment
from headrace_aws.config.project import Model
from headrace_aws.release.manifest import Release, sha256
from headrace_aws.session import AwsSession
from headrace_aws.stacks.change_set import DesiredStack
from headrace_aws.stacks.deployed import completed_stack
from headrace_aws.stacks.template import template_of

_APPROVAL = {"auto": "Approved", "manual": "PendingManualApproval"}
_HASH_LENGTH = 16
# Bytes that CloudFormation takes in a request. Through a bucket it takes 1 MB.
LARGEST_TEMPLATE_BODY = 51_200


def stacks(aws: AwsSession, release: Release, model: str) -> tuple[DesiredStack, DesiredStack, DesiredStack]:
    """Return the data stack, the model's pipelines stack and its automation stack, in the order of deployment.

    Raises:
        ConfigurationError: a definition is not rendered.
        DeployError: the environment uses the network stack, and there is none.
    """
    return (
        data_stack(aws, release),
        pipelines_stack(aws, release, model),
        automation_stack(aws, release, model),
    )


def data_stack(aws: AwsSession, release: Release) -> DesiredStack:
    """Return the stack of what all models share."""
    parameters = {"ProjectName": release.project.name, "NotifyEmail": aws.environment.notify or ""}
    return _stack(aws, release, naming.data_stack(release.project), "data", parameters)


def pipelines_stack(aws: AwsSession, release: Release, model: str) -> DesiredStack:
    """Return the stack of a model's pipelines."""
    project, environment = release.project, aws.environment
    parameters = {
        "ProjectName": project.name,
        "ModelName": model,
        "DataStackName": naming.data_stack(project),
        "ImageUri": release.image_uri(environment),
        "GitCommit": release.commit,
        "ModelApprovalStatus": _APPROVAL[environment.approval],
        "LogsRetentionInDays": str(environment.logs_retention_in_days),
        **_network(aws, release),
        **_boundary(aws, release),
        **_definition_parameters(release, model),
    }
    stack = _stack(aws, release, naming.pipelines_stack(project, model), "pipelines", parameters, model=model)
    if not (key := _template_key(release, model)):
        return stack
    bucket = naming.data_bucket(project, environment)
    return replace(stack, template_url=naming.object_url(environment, bucket, key))


def automation_stack(aws: AwsSession, release: Release, model: str) -> DesiredStack:
    """Return the stack of the rules and schedules that start a model's pipelines."""
    project = release.project
    parameters = {
        "ProjectName": project.name,
        "ModelName": model,
        "DataStackName": naming.data_stack(project),
        "PipelinesStackName": naming.pipelines_stack(project, model),
        **_automation(aws.environment, project.model(model)),
        **_boundary(aws, release),
    }
    return _stack(
        aws, release, naming.automation_stack(project, model), "automation", parameters, model=model
    )


def definitions(release: Release, model: str) -> Mapping[str, tuple[Path, str]]:
    """Return by pipeline the file of its definition, and its key in the data bucket.

    All definitions of a model share one prefix, with a hash of them all, so that none is ever overwritten.

    Raises:
        ConfigurationError: a definition is not rendered.
    """
    files = {}
    for pipeline in _pipelines(release, model):
        file = release.definition(model, pipeline)
        if not file.is_file():
            raise ConfigurationError(
                f"the {pipeline} pipeline of {model} has no definition at {file}; `make render` writes it"
            )
        files[pipeline] = file
    hashes = [f"{pipeline} {sha256(file)}\n" for pipeline, file in sorted(files.items())]
    digest = hashlib.sha256("".join(hashes).encode()).hexdigest()[:_HASH_LENGTH]
    return {
        pipeline: (file, f"{model}/definitions/{digest}/{pipeline}.asl.json")
        for pipeline, file in files.items()
    }


def _pipelines(release: Release, model: str) -> list[str]:
    """Return the pipelines of a model; a release may have others than this checkout."""
    if not release.manifest:
        return pipeline_names()
    names = sorted(file.name for file in (release.folder / release.definitions).glob(f"*{FILES.suffix}"))
    found = [model_and_pipeline(name, release.project.models) for name in names]
    return [pipeline for owner, pipeline in found if owner == model]


def uploads(release: Release, model: str) -> dict[str, Path]:
    """Return by key what lies in the data bucket before a model's pipelines are deployed.

    These are its definitions and, where a request cannot hold it, the template of its pipelines.

    Raises:
        ConfigurationError: a definition is not rendered.
    """
    files = {key: file for file, key in definitions(release, model).values()}
    key = _template_key(release, model)
    return {**files, key: release.template("pipelines")} if key else files


def _template_key(release: Release, model: str) -> str:
    """Return the key of the template of the pipelines, with its hash; empty where a request holds the template."""
    file = release.template("pipelines")
    if file.stat().st_size <= LARGEST_TEMPLATE_BODY:
        return ""
    return f"{model}/definitions/{sha256(file)[:_HASH_LENGTH]}/{file.name}"


def _stack(
    aws: AwsSession, release: Release, name: str, template: str, parameters: Mapping[str, str], **tags: str
) -> DesiredStack:
    role = None if aws.name == LOCAL else naming.role_arn(release.project, aws.environment, "cloudformation")
    file = release.template(template)
    known = template_of(name, file_text(file)).parameters
    return DesiredStack(
        name,
        file,
        {key: value for key, value in parameters.items() if not release.manifest or key in known},
        {"project": release.project.name, **tags},
        role_arn=role,
        protected=aws.environment.protected,
    )


def _network(aws: AwsSession, release: Release) -> dict[str, str]:
    """Return the parameters of the environment's own network, or of the network stack."""
    environment = aws.environment
    if environment.subnets:
        return {
            "SubnetIds": ",".join(environment.subnets),
            "SecurityGroupIds": ",".join(environment.security_groups),
        }
    stack = naming.network_stack(release.project)
    network = completed_stack(aws, stack)
    if network is None:
        raise DeployError(
            f"environment {aws.name} names no subnets and has no stack {stack}; `make bootstrap ENV={aws.name}` "
            f"makes it, or give subnets and security_groups under [environments.{aws.name}]"
        )
    return {name: network.outputs[name] for name in ("SubnetIds", "SecurityGroupIds")}


def _boundary(aws: AwsSession, release: Release) -> dict[str, str]:
    arn = "" if aws.name == LOCAL else naming.boundary_arn(release.project, aws.environment)
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


def _definition_parameters(release: Release, model: str) -> dict[str, str]:
    """Return the prefix of the definitions; for a release, too, each key, which templates asked for before 2026-12."""
    keys = {pipeline: key for pipeline, (_, key) in definitions(release, model).items()}
    # A release may have none for a model that is new, which its checks report.
    prefix = next((key.rpartition("/")[0] for key in keys.values()), f"{model}/definitions")
    former = {f"{naming.logical_name(pipeline)}DefinitionKey": key for pipeline, key in keys.items()}
    return {"DefinitionsPrefix": f"{prefix}/", **(former if release.manifest else {})}
