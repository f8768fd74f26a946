"""Intrinsic functions in states: read when the machine is made, evaluated when the state is."""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.query_language import QueryLanguageMode
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringVariableSample
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.parse.intrinsic.intrinsic_parser import IntrinsicParser
from moto.stepfunctions.parser.asl.utils import json_path

from headrace_local import strict_json
from headrace_local.grammars.intrinsic_functions import FUNCTIONS, IntrinsicError, check, literal
from headrace_local.grammars.intrinsic_syntax import Argument, Call, Literal, parse
from headrace_local.patching import replace

_FAILURE = "States.IntrinsicFailure"


def install() -> None:
    """Correct how intrinsic functions are read, and what they give."""
    read_and_evaluate_functions()


def read_and_evaluate_functions() -> None:
    r"""Read and evaluate intrinsic functions by our own parser and functions.

    asl/parse/intrinsic/intrinsic_parser.py:18 reads the JSON text without decoding it, so an escape such as `\'` or
    `\{` ends the text or stays in it; it knows no fractions and no null, and reads past what it does not understand
    in silence. Of the functions (asl/component/intrinsic/function/statesfunction/), MathRandom gives its end as well,
    ArrayUnique fails for objects and ArrayGetItem counts from the end for negative indices, both take true for 1,
    Base64 knows ASCII only, Format takes `{name}` for a place, and a failure is States.Runtime.
    """

    def read(source: str) -> tuple[Any, None]:
        call = parse(strict_json.loads(f'"{source}"', strict=False))
        check(call)
        return Intrinsic(call), None

    replace(IntrinsicParser, "parse", staticmethod(read))


class Intrinsic(EvalComponent):
    """A function in a definition. It leaves its value on the stack; paths are into what lies on top of it."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def _eval_body(self, env: Environment) -> None:
        env.stack.append(_value(self.call, env))


def _value(call: Call, env: Environment) -> Any:
    arguments = [_argument(call.name, index, given, env) for index, given in enumerate(call.arguments)]
    try:
        return FUNCTIONS[call.name](*arguments)
    except IntrinsicError as error:
        cause = f"The function '{call.source}' had the following error: {error}"
        failed = TaskFailedEventDetails(error=_FAILURE, cause=cause)
        details: Any = {"taskFailedEventDetails": failed}
        event = FailureEvent(env, ErrorName(_FAILURE), HistoryEventType.TaskFailed, details)
        raise FailureEventException(event) from error


def _argument(name: str, index: int, given: Argument, env: Environment) -> Any:
    if isinstance(given, Call):
        return _value(given, env)
    if isinstance(given, Literal):
        return literal(name, given.value, index)
    if given.path.startswith("$$"):
        return json_path.extract_json(given.path[1:], env.states.context_object.context_object_data)
    if given.path == "$" or given.path.startswith(("$.", "$[")):
        return json_path.extract_json(given.path, env.stack[-1])
    StringVariableSample(QueryLanguageMode.JSONPath, given.path).eval(env)
    return env.stack.pop()
