"""Which definitions a state machine may have: what AWS refuses, and what cannot run here."""

import json
from collections.abc import Iterator
from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

from headrace_local import strict_json
from headrace_local.grammars.asl_shape import faults_of_shape
from headrace_local.stepfunctions.map_definition import problems_of_maps, without_what_linters_miss
from headrace_local.stepfunctions.services import call, members
from headrace_local.stepfunctions.shapes import cased
from headrace_local.stepfunctions.states import all_states

_TASK = "Task"


def problems(definition: str) -> list[str]:
    """Return what is wrong with a definition (ASL, as JSON text), each problem with its place. None: it is good."""
    try:
        machine = strict_json.loads(definition)
    except json.JSONDecodeError as error:
        return [f"INVALID_JSON_DESCRIPTION: {error}"]
    if not isinstance(machine, dict):
        return ["INVALID_JSON_DESCRIPTION: the definition is no JSON object"]
    misshapen = [f"SCHEMA_VALIDATION_FAILED: {fault}" for fault in faults_of_shape(machine)]
    return (
        misshapen
        or _structure(machine)
        or [*_tasks(machine, ""), *problems_of_maps(machine)]
        or _grammar(definition)
    )


def _structure(machine: dict[str, Any]) -> list[str]:
    """What statelint finds: dangling and unreachable states, missing and unknown fields, bad paths."""
    if "JSONata" in (
        machine.get("QueryLanguage"),
        *(s.get("QueryLanguage") for _, s in all_states(machine, "")),
    ):
        return ["QueryLanguage 'JSONata' is not supported by the local AWS; use JSONPath"]
    # FLOAT: a whole number where a float may stand is right, and statelint thinks otherwise.
    linted = without_what_linters_miss(machine)
    return Linter.validate(linted, Config({ProblemType.FLOAT}))  # type: ignore[no-any-return]


def _grammar(definition: str) -> list[str]:
    """What moto's own parser, which has to run it, does not understand."""
    try:
        AmazonStateLanguageParser.parse(definition)
    except Exception as error:  # noqa: BLE001 - it raises whatever its visitor stumbles over
        return [f"the local AWS cannot read it: {error!r}"]
    return []


def _tasks(machine: dict[str, Any], place: str) -> Iterator[str]:
    """What each Task calls: the operation exists, its parameters are known, those required are there."""
    for path, state in all_states(machine, place):
        if state.get("Type") != _TASK:
            continue
        called = call(state["Resource"])
        if isinstance(called, str):
            yield f"{called} at {path}/Resource"
            continue
        shape = called.operation.input_shape
        known = set(members(shape))
        if called.is_pascal_case:
            known |= {cased(name) for name in known}
        given = {key.removesuffix(".$") for key in state.get("Parameters", {})}
        for name in sorted(given - known):
            yield f'SCHEMA_VALIDATION_FAILED: The field "{name}" is not supported by Step Functions at {path}/Parameters'
        required = shape.required_members if shape is not None else []
        for name in required:
            if name not in given and cased(name) not in given:
                yield f'SCHEMA_VALIDATION_FAILED: The field "{name}" is required but was missing at {path}/Parameters'
