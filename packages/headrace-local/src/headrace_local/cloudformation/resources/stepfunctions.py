"""AWS::StepFunctions::StateMachine."""

from collections.abc import Mapping

import yaml
from botocore.exceptions import ClientError

from headrace_local import strict_json
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    ResourceError,
    change_tags,
    deletes,
    differs,
    json_text,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json
from headrace_local.grammars.template_functions import as_text

_DEFINITION = "Definition DefinitionS3Location DefinitionString DefinitionSubstitutions"


def _create(context: ResourceContext, properties: Properties) -> str:
    answer = context.client("stepfunctions").create_state_machine(
        name=properties.get("StateMachineName") or context.new_name(80),
        definition=_definition(context, properties),
        roleArn=properties["RoleArn"],
        type=properties.get("StateMachineType", "STANDARD"),
        tags=tag_list(tag_map(properties), "key", "value"),
        **_configurations(properties),
    )
    arn: str = answer["stateMachineArn"]
    return arn


def _definition(context: ResourceContext, properties: Properties) -> str:
    """Return the definition's text, from whichever of the three places, with its substitutions made."""
    forms = [
        name for name in ("Definition", "DefinitionS3Location", "DefinitionString") if name in properties
    ]
    if len(forms) != 1:
        raise ResourceError(
            "Exactly one of Definition, DefinitionString and DefinitionS3Location must be given, "
            f"not {', '.join(forms) or 'none'}"
        )
    if "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    elif "Definition" in properties:
        text = json_text(properties["Definition"])
    else:
        text = _stored(context, properties["DefinitionS3Location"])
    for name, value in properties.get("DefinitionSubstitutions", {}).items():
        text = text.replace("${" + name + "}", as_text(value))
    return text


def _stored(context: ResourceContext, location: Mapping[str, str]) -> str:
    version = {"VersionId": location["Version"]} if "Version" in location else {}
    try:
        body = context.client("s3").get_object(Bucket=location["Bucket"], Key=location["Key"], **version)[
            "Body"
        ]
    except ClientError as error:
        raise ResourceError(
            f"DefinitionS3Location s3://{location['Bucket']}/{location['Key']} cannot be read: {error}"
        ) from error
    text: str = body.read().decode()
    if location["Key"].endswith((".yaml", ".yml")):
        text = strict_json.dumps(yaml.safe_load(text))
    return text


def _configurations(properties: Properties) -> dict[str, Json]:
    return {
        argument: _lowered(properties[name])
        for name, argument in (
            ("EncryptionConfiguration", "encryptionConfiguration"),
            ("LoggingConfiguration", "loggingConfiguration"),
            ("TracingConfiguration", "tracingConfiguration"),
        )
        if name in properties
    }


def _lowered(value: Json) -> Json:
    """Return a setting with its keys as the API has them: in lower camel case."""
    if isinstance(value, list):
        return [_lowered(item) for item in value]
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _lowered(item) for key, item in value.items()}
    return value


def _update(context: ResourceContext, arn: str, new: Properties, former: Properties) -> None:
    states = context.client("stepfunctions")
    arguments = _configurations(new)
    if "LoggingConfiguration" in former and "LoggingConfiguration" not in new:
        arguments["loggingConfiguration"] = {"level": "OFF"}
    if "TracingConfiguration" in former and "TracingConfiguration" not in new:
        arguments["tracingConfiguration"] = {"enabled": False}
    if differs(new, former, _DEFINITION):
        arguments["definition"] = _definition(context, new)
    states.update_state_machine(stateMachineArn=arn, roleArn=new["RoleArn"], **arguments)
    change_tags(
        new,
        former,
        states.tag_resource,
        states.untag_resource,
        lambda tags: {"tags": tag_list(tags, "key", "value")},
        resourceArn=arn,
    )


def _attributes(context: ResourceContext, arn: str, _properties: Properties) -> Mapping[str, Json]:
    machine = context.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    return {
        "Arn": arn,
        "Name": machine["name"],
        # Until its first update a state machine has no revision of its own.
        "StateMachineRevisionId": machine.get("revisionId", "INITIAL"),
    }


HANDLERS = (
    Handler(
        "AWS::StepFunctions::StateMachine",
        names(
            f"EncryptionConfiguration LoggingConfiguration RoleArn StateMachineName StateMachineType Tags "
            f"TracingConfiguration {_DEFINITION}"
        ),
        _create,
        _update,
        deletes("stepfunctions", "delete_state_machine", "stateMachineArn"),
        _attributes,
        name="StateMachineName",
    ),
)
