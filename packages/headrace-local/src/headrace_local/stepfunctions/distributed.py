"""Distributed Map: each item, or batch of items, is an execution of its own."""

import threading
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.states import ItemData, MapData
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from headrace_local import strict_json
from headrace_local.patching import replace
from headrace_local.stepfunctions import map_items, map_results
from headrace_local.stepfunctions.clients import client
from headrace_local.stepfunctions.ends import notify_at_end
from headrace_local.stepfunctions.interruption import notified_at_end
from headrace_local.stepfunctions.map_definition import map_state
from headrace_local.stepfunctions.map_runs import MapRun, of_execution
from headrace_local.stepfunctions.payload import field, filled
from headrace_local.stepfunctions.record import status

Json = Any
_MOST_AT_ONCE = 64  # AWS starts up to 10,000; here each has threads of its own
_LOOK_SECONDS = 60.0  # whatever ends is reported; a message that is lost costs a minute
_READER_FAILED = "States.ItemReaderFailed"
_WRITER_FAILED = "States.ResultWriterFailed"
_BEYOND = "States.ExceedToleratedFailureThreshold"


def install() -> None:
    """Correct what a distributed Map is."""
    run_each_item_as_an_execution()


def run_each_item_as_an_execution() -> None:
    """Start an execution for each item or batch, heed the tolerated failures, write the results.

    state_map/iteration/distributed_iteration_component.py:135 evaluates the items as an inline Map does, in no
    execution that could be described, tolerates every failure, ignores ItemBatcher, and
    state_map/result_writer/resource_eval/resource_eval_s3.py:43 writes an empty manifest.
    """
    replace(DistributedIterationComponent, "_eval_body", _run)


def _run(_component: Any, env: Environment) -> None:
    given = env.stack.pop()
    parent = _execution(env)
    state = map_state(parent.state_machine.definition, given.state_name)
    run = _record(parent, state, given.max_concurrency, env.stack[-1], env)
    of_execution(parent).append(run)
    _add_event(env, HistoryEventType.MapRunStarted, "mapRunStartedEventDetails", {"mapRunArn": run.arn})
    try:
        output = _results(run, parent, state, given, env)
    except Exception as error:
        pair = error.extract_error_cause_pair() if isinstance(error, FailureEventException) else None
        details = dict(zip(("error", "cause"), pair or (None, str(error)), strict=True))
        run.end("FAILED")
        _add_event(env, HistoryEventType.MapRunFailed, "mapRunFailedEventDetails", details)
        raise
    if env.is_running():
        run.end("SUCCEEDED")
        _add_event(env, HistoryEventType.MapRunSucceeded)
    else:
        run.end("ABORTED")
        _add_event(env, HistoryEventType.MapRunAborted)
    env.stack.append(output)


def _results(run: MapRun, parent: Any, state: dict[str, Json], given: Any, env: Environment) -> Json:
    """Run what there is to run; return what the Map gives, or raise `FailureEventException`."""
    map_input = env.stack[-1]
    items = given.input_items if given.item_reader is None else _read(state["ItemReader"], map_input, env)
    inputs = _inputs(state, items, map_input, given, env)
    run.items, run.pending = len(items), len(inputs)
    _execute(run, parent, state, inputs, env)
    output = _output(run, state, map_input, env)
    if env.is_running() and run.is_beyond_tolerance():
        raise _failure(env, _BEYOND, "The specified tolerated failure threshold was exceeded")
    return output


def _record(parent: Any, state: dict[str, Json], limit: int, given: Json, env: Environment) -> MapRun:
    label = state.get("Label") or str(uuid4())
    machine = parent.state_machine.arn
    arn = f"{machine.replace(':stateMachine:', ':mapRun:')}/{label}:{uuid4()}"
    percentage = field(state, "ToleratedFailurePercentage", given, env)
    count = field(state, "ToleratedFailureCount", given, env)
    return MapRun(arn, parent.execution_arn, f"{machine}/{label}", limit, count, percentage, 0, 0)


def _read(reader: dict[str, Json], given: Json, env: Environment) -> list[Json]:
    stated = reader.get("ReaderConfig", {})
    config = stated | {"MaxItems": field(stated, "MaxItems", given, env)}
    parameters = filled(reader.get("Parameters", {}), given, env)
    try:
        return map_items.read(reader, parameters, config, _s3(env))
    except ValueError as error:
        raise _failure(env, _READER_FAILED, str(error)) from error


def _inputs(
    state: dict[str, Json], items: list[Json], given: Json, evaluation: Any, env: Environment
) -> list[tuple[Json, int]]:
    """Return the input of each execution, and of how many items it is."""
    selected = [_selected(evaluation, index, item, given, env) for index, item in enumerate(items)]
    batcher = state.get("ItemBatcher")
    if batcher is None:
        return [(item, 1) for item in selected]
    shared = {"BatchInput": filled(batcher["BatchInput"], given, env)} if "BatchInput" in batcher else {}
    count = field(batcher, "MaxItemsPerBatch", given, env)
    size = field(batcher, "MaxInputBytesPerBatch", given, env)
    return [(shared | {"Items": batch}, len(batch)) for batch in map_items.batches(selected, count, size)]


def _selected(evaluation: Any, index: int, item: Json, given: Json, env: Environment) -> Json:
    selector = evaluation.item_selector or evaluation.parameters
    if selector is None:
        return item
    frame = env.open_inner_frame()
    try:
        frame.states.context_object.context_object_data["Map"] = MapData(
            Item=ItemData(Index=index, Value=item)
        )
        frame.states.reset(input_value=given)
        frame.stack.append(given)
        selector.eval(frame)
        return frame.stack[-1]
    finally:
        env.delete_frame(frame)


def _execute(
    run: MapRun, parent: Any, state: dict[str, Json], inputs: list[tuple[Json, int]], env: Environment
) -> None:
    """Run the executions, a few at a time, until all have ended, too many have failed, or the Map is stopped."""
    processor = state.get("ItemProcessor") or state["Iterator"]
    definition = strict_json.dumps(
        {key: value for key, value in processor.items() if key != "ProcessorConfig"}
    )
    changed = threading.Condition()

    def wake() -> None:
        with changed:
            changed.notify_all()

    at_once = min(run.max_concurrency or _MOST_AT_ONCE, _MOST_AT_ONCE)
    waiting = list(reversed(inputs))
    with notified_at_end(env, wake):
        while True:
            with changed:
                running = [child for child in run.executions if status(child) == "RUNNING"]
                is_over = not env.is_running() or run.is_beyond_tolerance()
                if is_over or (not waiting and not running):
                    break
                if not waiting or len(running) >= at_once:
                    changed.wait(_LOOK_SECONDS)
                    continue
            item, size = waiting.pop()
            child = _child(run, parent, definition, item)
            run.executions.append(child)
            run.batch_sizes.append(size)
            run.pending -= 1
            notify_at_end(child, wake)
            child.start()
    for child in run.executions:
        child.stop(datetime.now(UTC), None, None)


def _child(run: MapRun, parent: Any, definition: str, given: Json) -> Execution:
    name = str(uuid4())
    machine = _machine(parent.state_machine, definition, run.state_machine_arn)
    child = Execution(
        name=name,
        sm_type=parent.sm_type,
        role_arn=parent.role_arn,
        exec_arn=f"{run.state_machine_arn.replace(':stateMachine:', ':execution:')}:{name}",
        account_id=parent.account_id,
        region_name=parent.region_name,
        state_machine=machine,
        start_date=datetime.now(UTC),
        cloud_watch_logging_session=None,
        input_data=strict_json.dumps(given, separators=(",", ":"), ensure_ascii=False),
        activity_store={},
    )
    child.__dict__["map_run_arn"] = run.arn
    child.exec_status = ExecutionStatus.RUNNING
    return child


def _machine(of: Any, definition: str, arn: str) -> Any:
    machine = object.__new__(type(of))
    machine.__dict__ |= of.__dict__ | {"definition": definition, "arn": arn, "executions": []}
    return machine


def _output(run: MapRun, state: dict[str, Json], given: Json, env: Environment) -> Json:
    writer = state.get("ResultWriter")
    if writer is None:
        return [
            child.output if child.status == "SUCCEEDED" else map_results.record(child)
            for child in run.executions
        ]
    place = filled(writer["Parameters"], given, env)
    try:
        return map_results.write(run.executions, run.arn, place["Bucket"], place.get("Prefix", ""), _s3(env))
    except Exception as error:
        raise _failure(env, _WRITER_FAILED, str(error)) from error


def _execution(env: Environment) -> Any:
    details = env.aws_execution_details
    backend = stepfunctions_parser_backends[details.account][details.region]
    return backend.describe_execution(env.states.context_object.context_object_data["Execution"]["Id"])


def _s3(env: Environment) -> Any:
    details = env.aws_execution_details
    return client("s3", details.region, details.role_arn)


def _failure(env: Environment, error: str, cause: str) -> FailureEventException:
    details: Any = {"mapRunFailedEventDetails": {"error": error, "cause": cause}}
    return FailureEventException(FailureEvent(env, ErrorName(error), HistoryEventType.MapRunFailed, details))


def _add_event(env: Environment, kind: HistoryEventType, key: str = "", details: Json = None) -> None:
    stated: Any = {key: details} if details else None
    env.event_manager.add_event(context=env.event_history_context, event_type=kind, event_details=stated)
