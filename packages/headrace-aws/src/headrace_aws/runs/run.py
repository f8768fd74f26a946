"""Run a pipeline and watch it: `headrace run --env local [--model NAME] --pipeline training`.

`--model all` runs it for each model of project.toml, one after the other, and ends with the worst status of all.
`--wait 60` waits so many minutes for a run of the same pipeline to end, which would otherwise make a training skip.

Exit status: 0 the run did what it should, 3 it ended well and did not: the gate refused the model, or there was
nothing to do; 1 it failed or was stopped, 2 wrong use or configuration: nothing was started, 130 left running:
Ctrl-C, or a lost connection.
"""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from headrace import strict_json
from headrace.arguments import MINUTES
from headrace_aws import cli, naming
from headrace_aws.commit import git_commit
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.runs.execution import DETACHED, start, watch
from headrace_aws.runs.pipeline import DeployedPipeline, add_pipeline_option, check_pipeline
from headrace_aws.runs.records.best import best_hyperparameters
from headrace_aws.runs.result import FAILED, REFUSED, SUCCEEDED, Say
from headrace_aws.runs.run_input import checked_input, json_object
from headrace_aws.runs.wait import wait_for_others
from headrace_aws.session import aws_session
from headrace_aws.stacks.deployed import completed_stack

BEST = "best"  # in place of hyperparameters: those that the newest cross-validation chose
ALL = "all"  # in place of a model's name
_WORST_FIRST = (FAILED, DETACHED, REFUSED, SUCCEEDED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `run` and return its exit status, as the module says."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        project = load_project()
        check_pipeline(options.pipeline)
        models = [cli.model_name(project, options.model)] if options.model != ALL else sorted(project.models)
        aws = aws_session(project, options.env)
        pipelines = [DeployedPipeline(aws, project, model, options.pipeline) for model in models]
        statuses = {run(each, _input(options, each, cli.say), cli.say, options.wait) for each in pipelines}
        return next(status for status in _WORST_FIRST if status in statuses)

    return cli.exit_status(command)


def run(pipeline: DeployedPipeline, given: Mapping[str, Any], say: Say, wait_minutes: float = 0) -> int:
    """Check the input, start an execution and watch it to its end; return the exit status."""
    checked = checked_input(pipeline, given)
    if wait_minutes:
        wait_for_others(pipeline, wait_minutes, say)
    if pipeline.aws.name == LOCAL:
        _say_if_changed(pipeline, say)
    return watch(pipeline, start(pipeline, checked), say)


def _say_if_changed(pipeline: DeployedPipeline, say: Say) -> None:
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


def _parser() -> argparse.ArgumentParser:
    parser = cli.parser("run", "Run a pipeline and watch it.")
    add_pipeline_option(parser)
    parser.add_argument(
        "--hyperparameters",
        metavar="JSON",
        help="over the model's own: a file, a JSON object, or `best`, those that the newest cross-validation chose",
    )
    parser.add_argument("--input", metavar="JSON", help="a file, or a JSON object: the execution's input")
    parser.add_argument(
        "--wait", type=MINUTES, default=0, metavar="MINUTES", help="for a run of the same pipeline to end"
    )
    return parser


def _input(options: argparse.Namespace, pipeline: DeployedPipeline, say: Say) -> dict[str, Any]:
    given = json_object(options.input, "--input") if options.input is not None else {}
    if options.hyperparameters is not None:
        given["hyperparameters"] = {
            **given.get("hyperparameters", {}),
            **_hyperparameters(options.hyperparameters, pipeline, say),
        }
    return given


def _hyperparameters(given: str, pipeline: DeployedPipeline, say: Say) -> dict[str, Any]:
    if given != BEST:
        return json_object(given, "--hyperparameters")
    chosen, execution = best_hyperparameters(pipeline.aws, pipeline.project, pipeline.model)
    say(
        f"hyperparameters chosen by {execution}: {strict_json.dumps(chosen) if chosen else 'those of the model'}"
    )
    return dict(chosen)
