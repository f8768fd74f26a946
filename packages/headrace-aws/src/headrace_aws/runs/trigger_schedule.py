"""Start a pipeline as its schedule would: `headrace trigger [--pipeline inference]`.

Reads the schedule `<project>-<model>-<pipeline>` and starts its state machine with its input, as the schedule itself
would, but with the caller's permissions, and whether it is enabled or not. Prints the name of the execution.

Exit status: 0 the execution was started, 2 wrong use or configuration: nothing was started.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from headrace_aws import cli, naming
from headrace_aws.runs.pipeline import DeployedPipeline, add_pipeline_option, execution_name, named_pipeline
from headrace_aws.runs.result import SUCCEEDED

_NOT_FOUND = "ResourceNotFoundException"
_ATTRIBUTE = "<aws.scheduler.{}>"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status, as the module says."""
    parser = cli.parser("trigger", "Start a pipeline now as its schedule would.")
    add_pipeline_option(parser, naming.INFERENCE)
    options = parser.parse_args(arguments)

    return cli.exit_status(lambda: trigger(named_pipeline(options), cli.say))


def trigger(pipeline: DeployedPipeline, say: Callable[[str], None]) -> int:
    """Start what the schedule of a pipeline starts, and return the exit status.

    Raises `ConfigurationError` when there is no such schedule, or its target is not a state machine that exists.
    """
    schedule = _schedule(pipeline)
    target = schedule["Target"]
    if ":states:" not in target["Arn"]:
        raise ConfigurationError(
            f"the schedule {schedule['Name']} starts {target['Arn']}, not a state machine"
        )
    name = execution_name()
    try:
        pipeline.states.start_execution(
            stateMachineArn=target["Arn"], name=name, input=_input(schedule, name, datetime.now(UTC))
        )
    except pipeline.states.exceptions.StateMachineDoesNotExist as error:
        raise ConfigurationError(
            f"{target['Arn']}, which the schedule {schedule['Name']} starts, does not exist; `make deploy` makes it"
        ) from error
    say(f"execution {name}")
    say(f"follow it: {pipeline.command('follow', RUN=name)}")
    return SUCCEEDED


def _schedule(pipeline: DeployedPipeline) -> Mapping[str, Any]:
    """Return the schedule, which has the name of the state machine."""
    name = pipeline.machine.rpartition(":")[2]
    try:
        found: Mapping[str, Any] = pipeline.aws.client("scheduler").get_schedule(
            Name=name, GroupName=naming.schedule_group(pipeline.project, pipeline.model)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == _NOT_FOUND:
            raise ConfigurationError(
                f"there is no schedule {name} in environment {pipeline.aws.name}; project.toml says which "
                "pipelines have one, and `make deploy` makes it"
            ) from error
        raise
    return found


def _input(schedule: Mapping[str, Any], name: str, now: datetime) -> str:
    """Return the input with what EventBridge Scheduler would put into it, were it due now."""
    text: str = schedule["Target"].get("Input") or "{}"
    values = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": name,
        "attempt-number": "1",
    }
    for attribute, value in values.items():
        text = text.replace(_ATTRIBUTE.format(attribute), value)
    return text
