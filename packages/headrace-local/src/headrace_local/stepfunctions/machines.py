"""State machines: that they run, and what CreateStateMachine and UpdateStateMachine refuse."""

from typing import Any

from moto.core.config import default_user_config
from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from headrace_local.iam import managed_rules, roles
from headrace_local.patching import add, replace, replace_item
from headrace_local.stepfunctions.definition import problems

_CODE = "SCHEMA_VALIDATION_FAILED"
_MOST_DIAGNOSTICS = 100

_stock_create: Any = StepFunctionsParserBackend.create_state_machine
_stock_update: Any = StepFunctionsParserBackend.update_state_machine


class AccessDeniedError(AWSError):
    """The role of a state machine cannot be assumed by Step Functions, or lacks what a machine needs to be made."""

    TYPE = "AccessDeniedException"
    STATUS = 400


class AlreadyExistsError(AWSError):
    """Another state machine has the name."""

    TYPE = "StateMachineAlreadyExists"
    STATUS = 400


class ValidationError(AWSError):
    """The request asks for what there is not."""

    TYPE = "ValidationException"
    STATUS = 400


def install() -> None:
    """Correct which state machines are accepted, and that they run."""
    run_for_real()
    refuse_what_aws_refuses()
    validate_definitions()


def run_for_real() -> None:
    """Have executions run; stock moto only says that they do (moto/core/config.py:56)."""
    replace_item(default_user_config, "stepfunctions", {"execute_state_machine": True})


def refuse_what_aws_refuses() -> None:
    """Refuse invalid definitions, roles that cannot be assumed, and a name that is taken.

    parser/models.py:64 accepts whatever its grammar can read, and moto/stepfunctions/models.py:646 answers a
    second CreateStateMachine with the first machine, whatever it was asked to make.
    """
    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(_check_definition))
    replace(StepFunctionsParserBackend, "create_state_machine", _create)
    replace(StepFunctionsParserBackend, "update_state_machine", _update)


def _create(
    backend: Any,
    name: str,
    definition: str,
    roleArn: str,  # noqa: N803 - moto's name
    **others: Any,
) -> Any:
    if others.get("sm_type") == "EXPRESS":
        raise ValidationError(
            "The local AWS has no EXPRESS state machines; STANDARD is the type that it runs."
        )
    arn = f"arn:aws:states:{backend.region_name}:{backend.account_id}:stateMachine:{name}"
    _check_role(backend, roleArn, arn)
    _check_definition(definition)
    _check_managed_rules(backend, definition, roleArn)
    for machine in backend.state_machines:
        if machine.name == name and (machine.definition, machine.roleArn) != (definition, roleArn):
            raise AlreadyExistsError(f"State Machine Already Exists: '{machine.arn}'")
    return _stock_create(backend, name, definition, roleArn, **others)


def _update(
    backend: Any,
    arn: str,
    definition: str | None = None,
    role_arn: str | None = None,
    **others: Any,
) -> Any:
    if role_arn is not None:
        _check_role(backend, role_arn, arn)
    machine = next((each for each in backend.state_machines if each.arn == arn), None)
    if machine is not None:
        _check_managed_rules(backend, definition or machine.definition, role_arn or machine.roleArn)
    return _stock_update(backend, arn, definition, role_arn, **others)


def validate_definitions() -> None:
    """Answer ValidateStateMachineDefinition, which moto/stepfunctions/responses.py does not have."""

    def validate(response: Any) -> ActionResult:
        found = [_diagnostic(problem) for problem in problems(response._get_param("definition"))]
        most = int(response._get_param("maxResults") or 0) or _MOST_DIAGNOSTICS
        result = "FAIL" if found else "OK"
        return ActionResult({"result": result, "diagnostics": found[:most], "truncated": len(found) > most})

    add(StepFunctionResponse, "validate_state_machine_definition", validate)


def _diagnostic(problem: str) -> dict[str, str]:
    """Return a problem as the API tells it: `CODE: what is wrong at /States/Do`."""
    code, colon, message = problem.partition(": ")
    is_coded = bool(colon) and code.isupper()
    text, at, place = (message if is_coded else problem).rpartition(" at /")
    found = {"severity": "ERROR", "code": code if is_coded else _CODE, "message": text or place}
    return found | ({"location": f"/{place}"} if at else {})


def _check_definition(definition: str) -> None:
    found = problems(definition)
    if found:
        raise InvalidDefinition(f"Invalid State Machine Definition: '{'; '.join(found)}'")


def _check_managed_rules(backend: Any, definition: str, role_arn: str) -> None:
    denied = managed_rules.denial(definition, role_arn, backend.region_name)
    if denied:
        raise AccessDeniedError(denied)


def _check_role(backend: Any, role_arn: str, machine_arn: str) -> None:
    """Raise `AccessDeniedError` unless the role exists and trusts Step Functions, of all regions or of this one."""
    role = roles.find(role_arn)
    regional = f"states.{backend.region_name}.amazonaws.com"
    if role is None or not roles.trusts(role, "states.amazonaws.com", regional, source_arn=machine_arn):
        raise AccessDeniedError(
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to "
            f"assume the provided role: '{role_arn}'"
            + (" (no role has this ARN)" if role is None else " (its trust policy does not let it)")
        )
