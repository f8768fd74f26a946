"""Start, follow and stop an execution: `headrace follow NAME`, `headrace stop NAME`."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace_aws import cli, naming
from headrace_aws.aws_words import aws_words
from headrace_aws.runs.follow import follow
from headrace_aws.runs.pipeline import (
    DeployedPipeline,
    add_pipeline_option,
    execution_name,
    named_pipeline,
    pipeline_of,
)
from headrace_aws.runs.report.page import reports_folder
from headrace_aws.runs.result import FAILED, SUCCEEDED, Say, say_result
from headrace_aws.runs.snapshot import snapshot
from headrace_aws.runs.summary import STOPPED
from headrace_aws.session import AwsSession
from headrace_local import lifecycle

DETACHED = 130


def follow_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `follow` and return its exit status."""
    return _of_execution("follow", "Follow an execution until it ends.", arguments, watch)


def stop_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `stop` and return its exit status."""
    return _of_execution("stop", "Stop an execution, and its job.", arguments, stop)


def start(pipeline: DeployedPipeline, given: Mapping[str, Any], name: str = "") -> str:
    """Start an execution and return its name; raise `ConfigurationError` when the pipeline is not deployed."""
    name = name or execution_name()
    try:
        pipeline.states.start_execution(
            stateMachineArn=pipeline.machine, name=name, input=strict_json.dumps(given)
        )
    except pipeline.states.exceptions.StateMachineDoesNotExist as error:
        raise ConfigurationError(f"{pipeline.machine} is not deployed; `make deploy` does it") from error
    return name


def stop(pipeline: DeployedPipeline, name: str, say: Say) -> int:
    """Stop an execution, and with it its job; return the exit status."""
    execution = naming.execution_arn(pipeline.machine, name)
    try:
        pipeline.states.stop_execution(executionArn=execution, error=STOPPED, cause="Stopped by a person.")
    except ClientError as error:
        _check_exists(error, execution)
        raise
    say(f"stopped {name}")
    return SUCCEEDED


def watch(pipeline: DeployedPipeline, name: str, say: Say, folder: Path | None = None) -> int:
    """Show an execution until it ends, say how it ended, and return the exit status.

    Its page and its report are written into `folder`, by default `runs/<name>` of the project.

    Ctrl-C leaves it running, as does a lost connection or an expired login; then it says how the execution is
    stopped or followed again.
    """
    execution = naming.execution_arn(pipeline.machine, name)
    say(f"execution {name}")
    try:
        ended = snapshot(
            pipeline, *follow(pipeline.states, execution, say, partial(_has_ended, pipeline.aws))
        )
        return say_result(pipeline, ended, say, folder or reports_folder(name))
    except KeyboardInterrupt:
        say(f"\n{name} goes on without you")
    except (BotoCoreError, ClientError) as error:
        _check_exists(error, execution)
        if _has_ended(pipeline.aws):
            say(f"\nthe local AWS has ended, and {name} with it")
            say("`make up` starts it again, and says whether it was killed; `make runs` then lists the run")
            return FAILED
        say(f"\nAWS no longer answers: {aws_words(error)}")
        say(f"{name} does not need this connection, and goes on if it has not ended")
    say(f"follow it: {pipeline.command('follow', RUN=name)}")
    say(f"stop it:   {pipeline.command('stop', RUN=name)}")
    return DETACHED


def _of_execution(
    verb: str,
    description: str,
    arguments: Sequence[str] | None,
    act: Callable[[DeployedPipeline, str, Say], int],
) -> int:
    parser = cli.parser(verb, description)
    parser.add_argument("execution", help="its name, which `headrace run` says in its first line")
    add_pipeline_option(parser)
    options = parser.parse_args(arguments)

    def command() -> int:
        pipeline = pipeline_of(named_pipeline(options), options.execution)
        return act(pipeline, options.execution, cli.say)

    return cli.exit_status(command)


def _has_ended(aws: AwsSession) -> bool:
    """Return whether this is a session of a local AWS that has ended; a new one has another address."""
    if aws.home is None:
        return False
    server = lifecycle.running(aws.home)
    return server is None or server.endpoint != aws.endpoint


def _check_exists(error: BotoCoreError | ClientError, execution: str) -> None:
    """Raise `ConfigurationError` when an error is that the execution does not exist."""
    if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ExecutionDoesNotExist":
        raise ConfigurationError(
            f"{execution} does not exist; `make runs` lists those that have ended"
        ) from error
