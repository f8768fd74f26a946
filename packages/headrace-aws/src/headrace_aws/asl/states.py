"""States of a state machine as plain values, and the machine that they make.

A state goes on to the one that is written below it, unless `then` names another. So a definition reads
top-down, and `machine` fills in every `Next`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from headrace.errors import DefinitionError
from headrace_aws.asl.expressions import Expression, Json, Payload, payload

Fields = dict[str, Json]


@dataclass(frozen=True)
class State:
    """One state: its human name, its States Language fields without `Next`, and where it goes."""

    name: str
    fields: Fields
    then: str | None = None
    ends: Literal["here", "by rule", "next"] = field(default="next")


@dataclass(frozen=True)
class Rule:
    """One rule of a choice: go to `then` when the condition holds."""

    condition: Fields
    then: str


def compute(name: str, values: Mapping[str, Payload], *, at: str = "$", then: str | None = None) -> State:
    """Return a state that puts computed values at a path of the data; at `$` they replace the data."""
    return State(name, {"Type": "Pass", "Parameters": payload(values), "ResultPath": at}, then)


def copy(name: str, value: Expression, *, at: str, then: str | None = None) -> State:
    """Return a state that copies what lies at one path of the data to another."""
    return State(name, {"Type": "Pass", "InputPath": str(value), "ResultPath": at}, then)


def task(  # noqa: PLR0913 - a task has this many independent parts, all named
    name: str,
    resource: str,
    parameters: Mapping[str, Payload],
    *,
    timeout_seconds: int,
    select: Mapping[str, Payload] | None = None,
    at: str | None = None,
    retry: Sequence[Fields] = (),
    catch: Sequence[Fields] = (),
    then: str | None = None,
) -> State:
    """Return a state that calls a service, such as `sns:publish` or `sagemaker:createTrainingJob.sync`.

    `select` picks what is kept of the answer and `at` says where; without `at` the answer is dropped.
    """
    fields: Fields = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": payload(parameters),
        "TimeoutSeconds": timeout_seconds,
    }
    if select is not None:
        fields["ResultSelector"] = payload(select)
    fields["ResultPath"] = at  # null drops the answer
    if retry:
        fields["Retry"] = list(retry)
    if catch:
        fields["Catch"] = list(catch)
    return State(name, fields, then)


def choice(name: str, *rules: Rule, otherwise: str) -> State:
    """Return a state that goes where the first rule that holds says, else to `otherwise`."""
    choices: list[Json] = [{**rule.condition, "Next": rule.then} for rule in rules]
    return State(name, {"Type": "Choice", "Choices": choices, "Default": otherwise}, ends="by rule")


def wait(name: str, seconds: Expression, *, then: str | None = None) -> State:
    """Return a state that waits the seconds found at a path."""
    return State(name, {"Type": "Wait", "SecondsPath": str(seconds)}, then)


def each(  # noqa: PLR0913 - a loop has this many independent parts, all named
    name: str,
    items: Expression,
    item: Mapping[str, Payload],
    *states: State,
    concurrency: int,
    at: str | None = None,
    catch: Sequence[Fields] = (),
    then: str | None = None,
) -> State:
    """Return a state that runs the states once per item, some at a time; `item` is what each run is given.

    Without `at` the list of what they end with is dropped.
    """
    inner = machine("", *states)
    processor: Fields = {"ProcessorConfig": {"Mode": "INLINE"}}
    processor |= {key: value for key, value in inner.items() if key != "Comment"}
    fields: Fields = {
        "Type": "Map",
        "ItemsPath": str(items),
        "ItemSelector": payload(item),
        "MaxConcurrency": concurrency,
        "ItemProcessor": processor,
        "ResultPath": at,
    }
    if catch:
        fields["Catch"] = list(catch)
    return State(name, fields, then)


def succeed(name: str, output: Expression) -> State:
    """Return the end of a run that did what it should; `output` is what the run returns."""
    return State(name, {"Type": "Succeed", "OutputPath": str(output)}, ends="here")


def fail(name: str, *, error: Expression, cause: Expression) -> State:
    """Return the end of a run that failed, with the error and the cause found at two paths."""
    return State(name, {"Type": "Fail", "ErrorPath": str(error), "CausePath": str(cause)}, ends="here")


def end(state: State) -> State:
    """Return the state as the last of its machine."""
    return replace(state, fields={**state.fields, "End": True}, ends="here")


def is_present(variable: str) -> Fields:
    """Return the condition that the data has something at a path."""
    return {"Variable": variable, "IsPresent": True}


def is_true(variable: str) -> Fields:
    """Return the condition that a boolean is true."""
    return {"Variable": variable, "BooleanEquals": True}


def is_less(variable: str, limit: int) -> Fields:
    """Return the condition that a number is below a limit."""
    return {"Variable": variable, "NumericLessThan": limit}


def is_above(variable: str, limit: int) -> Fields:
    """Return the condition that a number is above a limit."""
    return {"Variable": variable, "NumericGreaterThan": limit}


def is_equal(variable: str, value: str) -> Fields:
    """Return the condition that a text is this one."""
    return {"Variable": variable, "StringEquals": value}


def is_like(variable: str, pattern: str) -> Fields:
    """Return the condition that a text matches a pattern, in which `*` stands for any characters."""
    return {"Variable": variable, "StringMatches": pattern}


def all_of(*conditions: Fields) -> Fields:
    """Return the condition that all hold; they are tried in order."""
    return {"And": list(conditions)}


def any_of(*conditions: Fields) -> Fields:
    """Return the condition that at least one holds."""
    return {"Or": list(conditions)}


def machine(comment: str, *states: State) -> Fields:
    """Return the definition that starts with the first state."""
    names = [state.name for state in states]
    for name in names:
        if names.count(name) > 1:
            raise DefinitionError(f"two states are named {name!r}; give each its own name")
    rendered: Fields = {}
    for state, below in zip(states, [*names[1:], None], strict=True):
        rendered[state.name] = state.fields if state.ends != "next" else _with_next(state, below)
    return {"Comment": comment, "StartAt": names[0], "States": rendered}


def _with_next(state: State, below: str | None) -> Fields:
    following = state.then or below
    if following is None:
        raise DefinitionError(f"state {state.name!r} is the last and goes nowhere; give it `then` or end it")
    return {**state.fields, "Next": following}
