"""The constraints of SageMaker's own API model, which neither boto3 nor moto holds a request against.

A container argument of more than 256 characters, say, passes both and is refused by AWS.
"""

import re
from typing import Any

from moto.core.utils import get_service_model
from moto.sagemaker.exceptions import AWSValidationException


def check_request(operation: str, request: dict[str, Any]) -> None:
    """Hold a request against the constraints of the API's own model: required, length, pattern, enum, range."""
    shape = get_service_model("sagemaker").operation_model(operation).input_shape
    faults = list(_faults(shape, request, ""))
    if faults:
        noun = "error" if len(faults) == 1 else "errors"
        raise AWSValidationException(f"{len(faults)} validation {noun} detected: {'; '.join(faults)}")


def _faults(shape: Any, value: Any, path: str) -> list[str]:  # noqa: ANN401 - of any type
    """Return what is wrong with a value, in the words of AWS."""
    if shape.type_name == "structure":
        faults = [
            f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
            for name in shape.required_members
            if value.get(name) is None
        ]
        for name, member in value.items():
            if name in shape.members and member is not None:
                faults += _faults(shape.members[name], member, _join(path, name))
        return faults
    faults = [
        f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {constraint}"
        for constraint in _constraints(shape, value)
    ]
    if shape.type_name == "list":
        for index, member in enumerate(value, start=1):
            faults += _faults(shape.member, member, f"{path}.{index}.member")
    if shape.type_name == "map":
        for key, member in value.items():
            faults += _faults(shape.key, key, f"{path}.key") + _faults(
                shape.value, member, f"{path}.{key}.member"
            )
    return faults


def _constraints(shape: Any, value: Any) -> list[str]:  # noqa: ANN401 - of any type
    metadata = shape.metadata
    broken = []
    counted = shape.type_name in {"string", "list", "map"}
    size = len(value) if counted else value
    noun = "have length" if counted else "have value"
    if shape.type_name in {"string", "list", "map", "integer", "long", "float", "double"}:
        if "min" in metadata and size < metadata["min"]:
            broken.append(f"{noun} greater than or equal to {metadata['min']}")
        if "max" in metadata and size > metadata["max"]:
            broken.append(f"{noun} less than or equal to {metadata['max']}")
    if "enum" in metadata and value not in metadata["enum"]:
        broken.append(f"satisfy enum value set: [{', '.join(metadata['enum'])}]")
    if "pattern" in metadata and shape.type_name == "string" and not _matches(metadata["pattern"], value):
        broken.append(f"satisfy regular expression pattern: {metadata['pattern']}")
    return broken


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True  # Java's own syntax: AWS will judge it


def _join(path: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name
