"""Run a pipeline and watch it: `python -m infra.run --env local [--model NAME] --pipeline training`.

Exit status: 0 the model is registered (or the pipeline has no gate), 3 the gate refused it, 1 the run failed or
was stopped, 2 wrong use or configuration: nothing was started, 130 left running: Ctrl-C, or a lost connection.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import ConfigurationError
from infra import cli, logs, names
from infra.aws import Clients, clients
from infra.deploy import git_commit
from infra.failure import Failure
from infra.history import failing_visit
from infra.outcome import LOG_LINES, STOPPED, download, failure_lines, read_json, verdict_lines
from infra.run_input import checked_input, json_object
from infra.watch import follow, history
from pipelines import training
from pipelines.project import LOCAL, ROOT, Project, load_project
from pipelines.render import PIPELINES

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

SUCCEEDED = 0
FAILED = 1
REFUSED = 3
DETACHED = 130

REPORTS = ROOT / "runs"


@dataclass(frozen=True)
class Pipeline:
    """A pipeline of a model in an environment."""

    found: Clients
    project: Project
    model: str
    name: str

    @property
    def machine(self) -> str:
        """ARN of its state machine."""
        return names.state_machine_arn(self.project, self.found.environment, self.model, self.name)

    def command(self, target: str, **knobs: str) -> str:
        """Return a make command for this pipeline; knobs that have their default are left out."""
        own = {
            "ENV": self.found.name if self.found.name != LOCAL else "",
            "MODEL": self.model if len(self.project.models) > 1 else "",
            "PIPELINE": self.name if self.name != training.NAME else "",
        }
        return " ".join(
            ["make", target, *(f"{key}={value}" for key, value in (own | knobs).items() if value)]
        )

    @property
    def states(self) -> "SFNClient":
        """The client of Step Functions."""
        client: SFNClient = self.found.client("stepfunctions")
        return client


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status, as the module says."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        check_pipeline(options.pipeline)
        pipeline = Pipeline(clients(project, options.env), project, model, options.pipeline)
        if options.stop:
            return stop(pipeline, options.stop, cli.say)
        if options.follow:
            return watch(pipeline, options.follow, cli.say)
        return run(pipeline, _given(options), cli.say)

    return cli.exit_status(command)


def run(pipeline: Pipeline, given: Mapping[str, Any], say: Callable[[str], None]) -> int:
    """Check the input, start an execution and watch it to its end; return the exit status."""
    checked = checked_input(pipeline.project, pipeline.found.environment, pipeline.model, given)
    if pipeline.found.name == LOCAL:
        _say_if_changed(pipeline, say)
    return watch(pipeline, start(pipeline, checked), say)


def check_pipeline(name: str) -> None:
    """Raise `ConfigurationError` when there is no pipeline of that name."""
    known = [pipeline.NAME for pipeline in PIPELINES]
    if name not in known:
        raise ConfigurationError(f"there is no pipeline {name!r}; there is: {', '.join(known)}")


def _say_if_changed(pipeline: Pipeline, say: Callable[[str], None]) -> None:
    """Say so when the records of this run will name another commit than the work tree's, which the jobs run."""
    stack = names.pipelines_stack(pipeline.project, pipeline.model)
    try:
        found = pipeline.found.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError:
        return  # not deployed, which starting it tells
    deployed = {given["ParameterKey"]: given["ParameterValue"] for given in found["Parameters"]}["GitCommit"]
    now = git_commit()
    if now != deployed:
        say(
            f"note: the jobs run the code of {now}, and the records will name {deployed}; `make deploy` mends it"
        )


def start(pipeline: Pipeline, given: Mapping[str, Any]) -> str:
    """Start an execution and return its name; raise `ConfigurationError` when the pipeline is not deployed."""
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    try:
        pipeline.states.start_execution(stateMachineArn=pipeline.machine, name=name, input=json.dumps(given))
    except ClientError as error:
        if error.response["Error"]["Code"] == "StateMachineDoesNotExist":
            raise ConfigurationError(f"{pipeline.machine} is not deployed; `make deploy` does it") from error
        raise
    return name


def stop(pipeline: Pipeline, name: str, say: Callable[[str], None]) -> int:
    """Stop an execution, and with it its job; return the exit status."""
    execution = names.execution_arn(pipeline.machine, name)
    try:
        pipeline.states.stop_execution(executionArn=execution, error=STOPPED, cause="Stopped by a person.")
    except ClientError as error:
        _check_exists(error, execution)
        raise
    say(f"stopped {name}")
    return SUCCEEDED


def watch(pipeline: Pipeline, name: str, say: Callable[[str], None]) -> int:
    """Show an execution until it ends, say how it ended, and return the exit status.

    Ctrl-C leaves it running, as does a lost connection or an expired login; then it says how the execution is
    stopped or followed again.
    """
    execution = names.execution_arn(pipeline.machine, name)
    say(f"execution {name}")
    try:
        ended = follow(pipeline.states, execution, say)
        return _say_end(pipeline, name, ended, say)
    except KeyboardInterrupt:
        say(f"\n{name} goes on without you")
    except (BotoCoreError, ClientError) as error:
        _check_exists(error, execution)
        say(f"\nAWS no longer answers: {error}")
        say(f"{name} does not need this connection, and goes on if it has not ended")
    say(f"follow it: {pipeline.command('follow', RUN=name)}")
    say(f"stop it:   {pipeline.command('stop', RUN=name)}")
    return DETACHED


def _say_end(pipeline: Pipeline, name: str, ended: Mapping[str, Any], say: Callable[[str], None]) -> int:
    """Say how an execution ended, and return the exit status."""
    seconds = (ended["stopDate"] - ended["startDate"]).total_seconds()
    say("")
    if ended["status"] == "SUCCEEDED":
        return _say_success(pipeline.found, name, json.loads(ended["output"]), seconds, say)
    say(f"{ended['status']} after {seconds:.1f} s")
    _say_failure(pipeline, names.execution_arn(pipeline.machine, name), ended, say)
    return FAILED


def _say_success(
    found: Clients, name: str, output: Mapping[str, Any], seconds: float, say: Callable[[str], None]
) -> int:
    decision = output.get("decision", "succeeded")
    say(f"{decision} after {seconds:.1f} s  {output.get('model_package_arn', '')}".rstrip())
    if "evaluation" in output:
        for text in verdict_lines(read_json(found.client("s3"), output["evaluation"])):
            say(text)
        say("")
    if "report" in output:
        file = download(found.client("s3"), output["report"], REPORTS / name / "report.html")
        say(f"report {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}")
        say(f"       {output['report']}")
    return REFUSED if decision == "refused" else SUCCEEDED


def _say_failure(
    pipeline: Pipeline, execution: str, ended: Mapping[str, Any], say: Callable[[str], None]
) -> None:
    failure = Failure(ended.get("error", ended["status"]), ended.get("cause", "no cause was given"))
    found = history(pipeline.states, execution)
    # A run that was stopped or ran out of time failed in no state: the last one tells how far it came.
    failed = ended["status"] == "FAILED"
    visit = failing_visit(found, failure.cause) if failed else next(reversed(found), None)
    log: list[str] = []
    command = ""
    if visit and visit.jobs:
        job = visit.jobs[-1]
        log = logs.tail(pipeline.found.client("logs"), job.kind, job.name, LOG_LINES)
        command = pipeline.command("logs", JOB=job.name)
    for text in failure_lines(visit, failure, log, command):
        say(text)


def _check_exists(error: BotoCoreError | ClientError, execution: str) -> None:
    """Raise `ConfigurationError` when an error is that the execution does not exist."""
    if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ExecutionDoesNotExist":
        raise ConfigurationError(
            f"{execution} does not exist; a run says its name in its first line"
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = cli.parser("infra.run", "Run a pipeline and watch it.")
    parser.add_argument("--pipeline", default="training", metavar="NAME", help="training is the default")
    parser.add_argument(
        "--hyperparameters", metavar="JSON", help="a file, or a JSON object, over the model's own"
    )
    parser.add_argument("--input", metavar="JSON", help="a file, or a JSON object: the execution's input")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--stop", metavar="EXECUTION", help="stop an execution instead of starting one")
    instead.add_argument("--follow", metavar="EXECUTION", help="watch an execution instead of starting one")
    return parser


def _given(options: argparse.Namespace) -> dict[str, Any]:
    given = json_object(options.input, "--input") if options.input else {}
    if options.hyperparameters:
        own = json_object(options.hyperparameters, "--hyperparameters")
        given["hyperparameters"] = {**given.get("hyperparameters", {}), **own}
    return given


if __name__ == "__main__":
    sys.exit(main())
