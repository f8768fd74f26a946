"""Headrace's own rules for definitions, which no general linter knows."""

import re
from collections.abc import Iterator

from headrace import strict_json
from headrace_aws.asl.checks.findings import Definition, Finding, states
from headrace_aws.asl.checks.intrinsics import longest, parse, paths
from headrace_aws.asl.checks.services import api
from headrace_aws.asl.placeholders import NAMES

ALL = "States.ALL"
JOB_NAMES = ("ProcessingJobName", "TrainingJobName", "TransformJobName")
JOB_NAME_LENGTH = 63
RETRY_COUNT = "$$.State.RetryCount"
# The most characters of what a job's name is made of, beside the hash: 99 retries, and `-4` after four waits.
LENGTHS = {RETRY_COUNT: 2, "$.capacity.suffix": 2}
# Errors by which our own job says that it failed. They come again however often the job is repeated.
OUR_ERRORS = {ALL, "States.TaskFailed", "States.Timeout"}


def rules(definition: Definition) -> Iterator[Finding]:
    """Yield where a definition breaks one of these rules."""
    yield from _placeholders(definition)
    failing = _failing(definition)
    for name, state in states(definition):
        for field in ("Retry", "Catch"):
            yield from _all_is_last(name, field, state.get(field, []))
        if state.get("Type") == "Task":
            yield from _task(name, state, caught=name in failing)


def _task(name: str, state: Definition, *, caught: bool) -> Iterator[Finding]:
    if "TimeoutSeconds" not in state and "TimeoutSecondsPath" not in state:
        yield Finding(name, "TimeoutSeconds", None, "a task without it may wait for a year; add it")
    catchers = state.get("Catch", [])
    if not caught and ALL not in (catchers[-1]["ErrorEquals"] if catchers else []):
        yield Finding(name, "Catch", None, "a failure would leave no record; catch States.ALL")
    called = api(state.get("Resource", ""))
    if called is None or not called.synchronous:
        return
    for retrier in state.get("Retry", []):
        for error in OUR_ERRORS.intersection(retrier["ErrorEquals"]):
            yield Finding(
                name, "Retry", error, "it would repeat a job that fails for good; name the errors that pass"
            )
    for key, value in state.get("Parameters", {}).items():
        if key.removesuffix(".$") in JOB_NAMES:
            yield from _job_name(name, key, value)


def _job_name(name: str, key: str, value: str) -> Iterator[Finding]:
    member = f"Parameters.{key}"
    if not key.endswith(".$"):
        yield Finding(name, member, value, "a second run would meet the name; make it from the execution")
        return
    try:
        expression = parse(value)
    except ValueError:
        return  # told by the check of parameters
    if RETRY_COUNT not in paths(expression):
        yield Finding(name, member, value, f"a retry would meet the name; make {RETRY_COUNT} part of it")
    length = longest(expression, LENGTHS)
    if length is None:
        yield Finding(
            name, member, value, f"its length is unknown; make it of MD5 hashes and {', '.join(LENGTHS)}"
        )
    elif length > JOB_NAME_LENGTH:
        yield Finding(
            name, member, value, f"may be {length} characters, {JOB_NAME_LENGTH} are taken; shorten it"
        )


def _all_is_last(name: str, field: str, entries: list[Definition]) -> Iterator[Finding]:
    for position, entry in enumerate(entries, start=1):
        errors = entry.get("ErrorEquals", [])
        if ALL in errors and (len(errors) > 1 or position < len(entries)):
            yield Finding(name, field, errors, f"{ALL} must stand alone and in the last entry")


def _placeholders(definition: Definition) -> Iterator[Finding]:
    for name, state in states(definition):
        for placeholder in sorted(set(re.findall(r"\$\{(\w*)", strict_json.dumps(state))) - NAMES):
            known = ", ".join(sorted(NAMES))
            yield Finding(
                name, "placeholder", f"${{{placeholder}}}", f"nothing fills it in; known are: {known}"
            )


def _failing(definition: Definition) -> set[str]:
    """Return the states from which no good end can be reached: the failure path."""
    following = {name: _next(state) for name, state in states(definition)}
    good = {name for name, state in states(definition) if state.get("Type") == "Succeed" or state.get("End")}
    while True:
        more = {name for name, targets in following.items() if name not in good and targets & good}
        if not more:
            return set(following) - good
        good |= more


def _next(state: Definition) -> set[str]:
    targets = {state.get("Next"), state.get("Default")}
    targets.update(entry.get("Next") for field in ("Choices", "Catch") for entry in state.get(field, ()))
    return {target for target in targets if target}
