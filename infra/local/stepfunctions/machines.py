"""State machines: that they run, and what CreateStateMachine and UpdateStateMachine refuse."""

from typing import Any

from moto.core.config import default_user_config
from moto.core.exceptions import AWSError
from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from infra.local import roles
from infra.local.replacing import replace, replace_item
from infra.local.stepfunctions.definition import problems

_stock_create: Any = StepFunctionsParserBackend.create_state_machine
_stock_update: Any = StepFunctionsParserBackend.update_state_machine


class AccessDeniedError(AWSError):
    """The role of a state machine cannot be assumed by Step Functions."""

    TYPE = "AccessDeniedException"
    STATUS = 400


class AlreadyExistsError(AWSError):
    """Another state machine has the name."""

    TYPE = "StateMachineAlreadyExists"
    STATUS = 400


def install() -> None:
    """Correct which state machines are accepted, and that they run."""
    run_for_real()
    refuse_what_aws_refuses()


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
    _check_role(backend, roleArn)
    _check_definition(definition)
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
        _check_role(backend, role_arn)
    return _stock_update(backend, arn, definition, role_arn, **others)


def _check_definition(definition: str) -> None:
    found = problems(definition)
    if found:
        raise InvalidDefinition(f"Invalid State Machine Definition: '{'; '.join(found)}'")


def _check_role(backend: Any, role_arn: str) -> None:
    """Raise `AccessDeniedError` unless the role exists and trusts Step Functions, of all regions or of this one."""
    role = roles.find(role_arn)
    regional = f"states.{backend.region_name}.amazonaws.com"
    if role is None or not roles.trusts(role, "states.amazonaws.com", regional):
        raise AccessDeniedError(
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to "
            f"assume the provided role: '{role_arn}'"
            + (" (no role has this ARN)" if role is None else " (its trust policy does not let it)")
        )
