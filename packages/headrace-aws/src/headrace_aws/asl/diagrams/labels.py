"""What a state does, and when a choice goes which way, in a few words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Operators as they stand in a definition, without the type before them and `Path` after them.
_COMPARED = {
    "Equals": "=",
    "LessThan": "<",
    "LessThanEquals": "≤",
    "GreaterThan": ">",
    "GreaterThanEquals": "≥",
    "Matches": "like",
}
_OPERATOR = re.compile(r"^(String|Numeric|Boolean|Timestamp)(?P<what>\w+?)(?P<is_path>Path)?$")
_SERVICES = {
    "dynamodb": "DynamoDB",
    "ecs": "ECS",
    "eventbridge": "EventBridge",
    "events": "EventBridge",
    "lambda": "Lambda",
    "cloudwatch": "CloudWatch",
    "s3": "S3",
    "sagemaker": "",  # nearly all are
    "sns": "SNS",
    "sqs": "SQS",
    "states": "",
    "sfn": "",
}
_LONG = 16  # characters of a value that a label still shows


def condition(rule: Mapping[str, Any], *, is_whole: bool = False) -> str:
    """Return when a rule holds. What only guards another condition is left out, unless the whole is asked for."""
    for key, word in (("And", " and "), ("Or", " or ")):
        if key in rule:
            parts = list(rule[key])
            if key == "And" and not is_whole:
                compared = {name for part in parts if "IsPresent" not in part for name in _variables(part)}
                parts = [
                    part for part in parts if "IsPresent" not in part or part["Variable"] not in compared
                ]
            return word.join(dict.fromkeys(condition(part, is_whole=is_whole) for part in parts))
    if "Not" in rule:
        return f"not {condition(rule['Not'], is_whole=is_whole)}"
    variable = str(rule.get("Variable", ""))
    if is_whole:
        return " ".join([variable, *(f"{key} {value}" for key, value in _tests(rule))])
    key, value = next(iter(_tests(rule)), ("", ""))
    return _compared(words(variable), key, value)


def words(path: str) -> str:
    """Return the last name of a JSONPath as words: `$.champion.NextToken` is `next token`."""
    names = re.findall(r"[A-Za-z_][\w-]*", path)
    last = names[-1] if names else ""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]", " ", last).lower()


def resource(arn: str) -> tuple[str, bool]:
    """Return what a task's resource does, and whether it is a job of SageMaker that the task waits for."""
    *_, service, action = ["", *arn.removeprefix("arn:aws:states:::").removeprefix("aws-sdk:").split(":", 1)]
    if arn.startswith("arn:aws:lambda:"):
        return "Lambda function", False
    action, _, pattern = action.partition(".")
    spoken = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", action).lower()
    if service == "sagemaker" and pattern.startswith("sync"):
        return spoken.removeprefix("create "), True
    return f"{_SERVICES.get(service, service.upper())} {spoken}".strip(), False


def joined(parts: Sequence[str]) -> str:
    """Return words as an enumeration: `a, b and c`."""
    found = list(dict.fromkeys(parts))
    return " and ".join(part for part in (", ".join(found[:-1]), found[-1]) if part) if found else ""


def _variables(rule: Mapping[str, Any]) -> set[str]:
    """Return every variable that a condition reads, at any depth."""
    within = [*rule.get("And", ()), *rule.get("Or", ()), *([rule["Not"]] if "Not" in rule else ())]
    own = {str(rule["Variable"])} if "Variable" in rule else set()
    return own.union(*map(_variables, within))


def _tests(rule: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in rule.items() if key not in {"Variable", "Next", "Comment"}]


def _compared(name: str, key: str, value: Any) -> str:  # noqa: ANN401 - a rule compares with any JSON
    if key in {"IsPresent", "BooleanEquals"}:
        yes, no = (f"has {name}", f"no {name}") if key == "IsPresent" else (name, f"not {name}")
        return yes if value else no
    if key.startswith("Is"):
        spoken = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key[2:]).lower()
        return f"{name} is {spoken}" if value else f"{name} is not {spoken}"
    found = _OPERATOR.match(key)
    if found is None:
        return name
    operator = _COMPARED.get(found["what"], found["what"])
    if found["is_path"]:
        return f"{name} {operator} {words(str(value))}"
    if len(str(value)) <= _LONG:
        return f"{name} {operator} {value}"
    return f"{name} matches" if operator == "like" else f"{name} {operator} …"
