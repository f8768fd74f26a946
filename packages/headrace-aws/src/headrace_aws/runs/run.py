"""Run a pipeline and watch it: `headrace run --env local [--model NAME] --pipeline training`.

`--model all` runs it for each model of project.toml, one after the other, and ends with the worst status of all.
`--wait 60` waits so many minutes for a run of the same pipeline to end, which would otherwise make a training skip.

Exit status: 0 the run did what it should, 3 it ended well and did not: the gate refused the model, or there was
nothing to do; 1 it failed or was stopped, 2 wrong use or configuration: nothing was started, 130 left running:
Ctrl-C, or a lost connection.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import ConfigurationError, HeadraceError
from headrace_aws import cli, naming
from headrace_aws.runs import logs
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks.deployed import completed_stack
from headrace_aws.commit import git_commit
from headrace_aws.runs.failure import Failure
from headrace_aws.runs.history import failing_visit
from headrace_aws.runs.summary import LOG_LINES, STOPPED, download, failure_lines, read_json, result_lines, verdict_lines
from headrace_aws.runs.records.best import best_hyperparameters
from headrace_aws.runs.run_input import checked_input, json_object
from headrace_aws.runs.report.write import write_run_report
from headrace_aws.runs.pipeline import DeployedPipeline, check_pipeline, execution_name, pipeline_of
from headrace_aws.runs.wait import wait_for_others
from headrace_aws.runs.follow import follow, history
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.root import project_root, shown
from headrace_aws.config.project import load_project

SUCCEEDED = 0
FAILED = 1
REFUSED = 3
# Decisions of a run that ended well and did not do what it was for.
UNDONE = frozenset({"refused", "skipped"})
BEST = "best"  # in place of hyperparameters: those that the newest cross-validation chose
DETACHED = 130
ALL = "all"  # in place of a model's name
_WORST_FIRST = (FAILED, DETACHED, REFUSED, SUCCEEDED)

REPORTS = "runs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `run` and return its exit status, as the module says."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        project = load_project()
        check_pipeline(options.pipeline)
        models = [cli.model_name(project, options.model)] if options.model != ALL else sorted(project.models)
        aws = aws_session(project, options.env)
        pipelines = [DeployedPipeline(aws, project, model, options.pipeline) for model in models]
        statuses = {run(each, _given(options, each, cli.say), cli.say, options.wait) for each in pipelines}
        return next(status for status in _WORST_FIRST if status in statuses)

    return cli.exit_status(command)


def follow_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `follow` and return its exit status."""
    return _of_execution("follow", "Watch an execution.", arguments, watch)


def stop_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `stop` and return its exit status."""
    return _of_execution("stop", "Stop an execution, and its job.", arguments, stop)


def _of_execution(
    verb: str,
    description: str,
    arguments: Sequence[str] | None,
    act: Callable[[DeployedPipeline, str, Callable[[str], None]], int],
) -> int:
    parser = cli.parser(verb, description)
    parser.add_argument("execution", help="a run says its name in its first line")
    parser.add_argument("--pipeline", default=naming.TRAINING, metavar="NAME", help="training is the default")
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        check_pipeline(options.pipeline)
        model = cli.model_name(project, options.model)
        named = DeployedPipeline(aws_session(project, options.env), project, model, options.pipeline)
        return act(pipeline_of(named, options.execution), options.execution, cli.say)

    return cli.exit_status(command)


def run(
    pipeline: DeployedPipeline, given: Mapping[str, Any], say: Callable[[str], None], wait_minutes: float = 0
) -> int:
    """Check the input, start an execution and watch it to its end; return the exit status."""
    checked = checked_input(pipeline, given)
    if wait_minutes:
        wait_for_others(pipeline, wait_minutes, say)
    if pipeline.aws.name == LOCAL:
        _say_if_changed(pipeline, say)
    return watch(pipeline, start(pipeline, checked), say)


def _say_if_changed(pipeline: DeployedPipeline, say: Callable[[str], None]) -> None:
    """Say so when the records of this run will name another commit than the work tree's, which the jobs run."""
    stack = naming.pipelines_stack(pipeline.project, pipeline.model)
    deployed = completed_stack(pipeline.aws, stack)
    now = git_commit()
    # One that is not deployed is told of by the start.
    if deployed and deployed.parameters["GitCommit"] != now:
        say(
            f"note: the jobs run the code of {now}, and the records will name {deployed.parameters['GitCommit']}; "
            "`make deploy` mends it"
        )


def start(pipeline: DeployedPipeline, given: Mapping[str, Any], name: str = "") -> str:
    """Start an execution and return its name; raise `ConfigurationError` when the pipeline is not deployed."""
    name = name or execution_name()
    try:
        pipeline.states.start_execution(stateMachineArn=pipeline.machine, name=name, input=json.dumps(given))
    except ClientError as error:
        if error.response["Error"]["Code"] == "StateMachineDoesNotExist":
            raise ConfigurationError(f"{pipeline.machine} is not deployed; `make deploy` does it") from error
        raise
    return name


def stop(pipeline: DeployedPipeline, name: str, say: Callable[[str], None]) -> int:
    """Stop an execution, and with it its job; return the exit status."""
    execution = naming.execution_arn(pipeline.machine, name)
    try:
        pipeline.states.stop_execution(executionArn=execution, error=STOPPED, cause="Stopped by a person.")
    except ClientError as error:
        _check_exists(error, execution)
        raise
    say(f"stopped {name}")
    return SUCCEEDED


def watch(pipeline: DeployedPipeline, name: str, say: Callable[[str], None], reports: Path | None = None) -> int:
    """Show an execution until it ends, say how it ended, and return the exit status.

    Its page and its report are written into `reports`, in a folder of its name.

    Ctrl-C leaves it running, as does a lost connection or an expired login; then it says how the execution is
    stopped or followed again.
    """
    execution = naming.execution_arn(pipeline.machine, name)
    say(f"execution {name}")
    try:
        ended = follow(pipeline.states, execution, say)
        return _say_end(pipeline, name, ended, say, (reports or project_root() / REPORTS) / name)
    except KeyboardInterrupt:
        say(f"\n{name} goes on without you")
    except (BotoCoreError, ClientError) as error:
        _check_exists(error, execution)
        say(f"\nAWS no longer answers: {error}")
        say(f"{name} does not need this connection, and goes on if it has not ended")
    say(f"follow it: {pipeline.command('follow', RUN=name)}")
    say(f"stop it:   {pipeline.command('stop', RUN=name)}")
    return DETACHED


def _say_end(
    pipeline: DeployedPipeline, name: str, ended: Mapping[str, Any], say: Callable[[str], None], folder: Path
) -> int:
    """Say how an execution ended, and return the exit status."""
    seconds = (ended["stopDate"] - ended["startDate"]).total_seconds()
    say("")
    if ended["status"] == "SUCCEEDED":
        status = _say_success(pipeline.aws, json.loads(ended["output"]), seconds, say, folder)
    else:
        say(f"{ended['status']} after {seconds:.1f} s")
        _say_failure(pipeline, naming.execution_arn(pipeline.machine, name), ended, say)
        status = FAILED
    _say_run_report(pipeline, name, say, folder)
    return status


def _say_run_report(pipeline: DeployedPipeline, name: str, say: Callable[[str], None], folder: Path) -> None:
    """Write the page of the run; how the run ended does not depend on it."""
    try:
        file = write_run_report(
            pipeline.aws, pipeline.project, pipeline.model, pipeline.name, name, folder=folder.parent
        )
    except (BotoCoreError, ClientError, HeadraceError) as error:
        say(f"the page of the run cannot be written: {error}")
        return
    say(f"run    {shown(file)}")


def _say_success(
    aws: AwsSession,
    output: Mapping[str, Any],
    seconds: float,
    say: Callable[[str], None],
    folder: Path,
) -> int:
    decision = output.get("decision", "succeeded")
    say(f"{decision} after {seconds:.1f} s  {output.get('model_package_arn', '')}".rstrip())
    if "evaluation" in output:
        for text in verdict_lines(read_json(aws.client("s3"), output["evaluation"])):
            say(text)
        say("")
    else:
        for text in result_lines(output):
            say(text)
    if "report" in output:
        file = download(aws.client("s3"), output["report"], folder / "report.html")
        say(f"report {shown(file)}")
        say(f"       {output['report']}")
    return REFUSED if decision in UNDONE else SUCCEEDED


def _say_failure(
    pipeline: DeployedPipeline, execution: str, ended: Mapping[str, Any], say: Callable[[str], None]
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
        log = logs.tail(pipeline.aws.client("logs"), job.kind, job.name, LOG_LINES)
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
    parser = cli.parser("run", "Run a pipeline and watch it.")
    parser.add_argument("--pipeline", default="training", metavar="NAME", help="training is the default")
    parser.add_argument(
        "--hyperparameters",
        metavar="JSON",
        help="over the model's own: a file, a JSON object, or `best`, those that the newest cross-validation chose",
    )
    parser.add_argument("--input", metavar="JSON", help="a file, or a JSON object: the execution's input")
    parser.add_argument(
        "--wait", type=float, default=0, metavar="MINUTES", help="for a run of the same pipeline to end"
    )
    return parser


def _given(options: argparse.Namespace, pipeline: DeployedPipeline, say: Callable[[str], None]) -> dict[str, Any]:
    given = json_object(options.input, "--input") if options.input else {}
    if options.hyperparameters:
        given["hyperparameters"] = {
            **given.get("hyperparameters", {}),
            **_hyperparameters(options.hyperparameters, pipeline, say),
        }
    return given


def _hyperparameters(given: str, pipeline: DeployedPipeline, say: Callable[[str], None]) -> dict[str, Any]:
    if given != BEST:
        return json_object(given, "--hyperparameters")
    chosen, execution = best_hyperparameters(pipeline.aws, pipeline.project, pipeline.model)
    say(f"hyperparameters chosen by {execution}: {json.dumps(chosen) if chosen else 'those of the model'}")
    return dict(chosen)
