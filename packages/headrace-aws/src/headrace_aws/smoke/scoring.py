"""Have the deployed image score the golden rows of a model: one execution of the smoke pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace import strict_json
from headrace.golden import GoldenScores
from headrace_aws import naming
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.execution import start
from headrace_aws.runs.failure import execution_failure
from headrace_aws.runs.pipeline import DeployedPipeline, execution_name
from headrace_aws.s3_objects import ObjectError, record_in
from headrace_aws.smoke.check import Check, failed
from headrace_aws.waiting import EXECUTION, wait_until_ended

_MINUTES = 60  # for a smoke run: its job scores a few rows, once it has an instance

ARCHIVE = "model.tar.gz"
TRIGGER = {"trigger": "smoke"}


@dataclass(frozen=True)
class Scored:
    """What an execution of the smoke pipeline left. `artefact` is the S3 URI of the model that scored."""

    artefact: str
    golden: GoldenScores


def smoke_pipeline(context: ModelContext) -> DeployedPipeline:
    """Return the smoke pipeline of a model in an environment."""
    return DeployedPipeline(context.aws, context.project, context.model, naming.SMOKE)


def start_scoring(context: ModelContext) -> str:
    """Start scoring with the newest approved model, and return the execution's name.

    Raises `ConfigurationError` when the pipeline is not deployed.
    """
    return start(smoke_pipeline(context), TRIGGER)


def start_scoring_with(context: ModelContext, archive: Path) -> str:
    """Start scoring with a model of another environment, and return the execution's name.

    The jobs read their own environment's bucket only, so the model is put into the folder of the run first.
    """
    name = execution_name()
    key = f"{context.model}/runs/{naming.SMOKE}/{name}/given/{ARCHIVE}"
    with archive.open("rb") as content:
        context.s3.put_object(Bucket=context.bucket, Key=key, Body=content)
    return start(smoke_pipeline(context), {**TRIGGER, "artefact": f"s3://{context.bucket}/{key}"}, name)


def scored(context: ModelContext, execution: str) -> Scored | Check | None:
    """Wait for an execution, and return its scores; the check that it failed; or None when there is no model."""
    pipeline = smoke_pipeline(context)
    ended = _ended(pipeline, execution)
    if failure := execution_failure(ended):
        return failed(
            "scoring",
            f"the smoke run {execution} {ended['status']}: {failure.words}",
            f"`{pipeline.command('logs', RUN=execution)}` prints its log",
        )
    output = strict_json.loads(ended["output"], "the output")
    if output["decision"] == "skipped":
        return None
    try:
        golden = record_in(GoldenScores, context.s3, output["golden"], "what the model scored", "smoke again")
    except ObjectError as error:
        return failed("scoring", str(error), f"make smoke ENV={context.aws.name}")
    return Scored(output["artefact"], golden)


def _ended(pipeline: DeployedPipeline, execution: str) -> Mapping[str, Any]:
    arn = naming.execution_arn(pipeline.machine, execution)
    described: Mapping[str, Any] = {}

    def status() -> str:
        nonlocal described
        described = pipeline.states.describe_execution(executionArn=arn)
        return str(described["status"])

    wait_until_ended(f"the smoke run {execution}", status, EXECUTION, _MINUTES)
    return described
