"""A pipeline of a model in an environment: what the commands act on."""

import argparse
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from headrace_aws import cli, naming
from headrace_aws.asl.render import pipeline_names
from headrace_aws.config.environment import LOCAL
from headrace_aws.model_context import ModelContext


@dataclass(frozen=True)
class DeployedPipeline(ModelContext):
    """A pipeline of a model in an environment, which runs as a state machine."""

    name: str

    @property
    def machine(self) -> str:
        """ARN of its state machine."""
        return naming.state_machine_arn(self.project, self.aws.environment, self.model, self.name)

    def command(self, target: str, **knobs: str) -> str:
        """Return a make command for this pipeline; knobs that have their default are left out."""
        own = {
            "ENV": self.aws.name if self.aws.name != LOCAL else "",
            "MODEL": self.model if len(self.project.models) > 1 else "",
            "PIPELINE": self.name if self.name != naming.TRAINING else "",
        }
        return " ".join(
            ["make", target, *(f"{key}={value}" for key, value in (own | knobs).items() if value)]
        )


def add_pipeline_option(parser: argparse.ArgumentParser, default: str = naming.TRAINING) -> None:
    """Add the option that names a pipeline."""
    parser.add_argument("--pipeline", default=default, metavar="NAME", help=f"{default} is the default")


def named_pipeline(options: argparse.Namespace) -> DeployedPipeline:
    """Return the pipeline that the options of a command name; raise `ConfigurationError` when there is none."""
    check_pipeline(options.pipeline)
    context = cli.model_context(options)
    return DeployedPipeline(context.aws, context.project, context.model, options.pipeline)


def check_pipeline(name: str) -> None:
    """Raise `ConfigurationError` when there is no pipeline of that name."""
    known = pipeline_names()
    if name not in known:
        raise ConfigurationError(f"there is no pipeline {name!r}; there is: {', '.join(known)}")


def pipeline_of(pipeline: DeployedPipeline, execution: str) -> DeployedPipeline:
    """Return the pipeline of an execution, which may be another one of the model than was named.

    Raises `ConfigurationError` when none of them has it.
    """
    names_of_all = [pipeline.name, *(name for name in pipeline_names() if name != pipeline.name)]
    for name in names_of_all:
        other = replace(pipeline, name=name)
        try:
            other.states.describe_execution(executionArn=naming.execution_arn(other.machine, execution))
        except ClientError as error:
            if error.response["Error"]["Code"] not in {
                "ExecutionDoesNotExist",
                "InvalidArn",
                "ValidationException",
            }:
                raise
            continue
        return other
    raise ConfigurationError(
        f"{pipeline.model} has no execution {execution!r} in {pipeline.aws.name}; `make runs` lists them"
    )


def execution_name() -> str:
    """Return a name for a new execution: names sort by time, and no two are the same."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
