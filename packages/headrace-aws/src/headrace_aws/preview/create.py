"""Create a preview, or bring it to a newer commit of its pull request: stack, sample, champion, training, verdict."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.asl.render import FILES, rendered
from headrace_aws.deploy import deployment
from headrace_aws.preview.champion import copy_champion
from headrace_aws.preview.context import Preview
from headrace_aws.preview.sample import check_raw_tables, copy_sample
from headrace_aws.preview.section import PreviewResult, section
from headrace_aws.release import image
from headrace_aws.release.manifest import STACKS, Release
from headrace_aws.runs.execution import DETACHED, start, watch
from headrace_aws.runs.failure import Failure, execution_failure
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.result import REFUSED, SUCCEEDED
from headrace_aws.runs.run_input import checked_input
from headrace_aws.runs.summary import evaluation_at
from headrace_aws.stacks import desired
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack
from headrace_aws.stacks.deployed import completed_stack
from headrace_aws.teardown.executions import stop_executions
from headrace_aws.teardown.preview import TAG, TAG_OF_MODEL

IMAGES = "preview-"  # how the tags of their images begin, which the repository keeps for two weeks


def create_preview(preview: Preview, release: Release, say: Callable[[str], None]) -> tuple[int, str]:
    """Create or renew a preview and train in it; return the exit status and the section of the pull request's comment.

    The status is 0 when the gate has decided, either way; otherwise that of the run.

    Raises:
        ConfigurationError: nothing is deployed in the environment, or the model has no raw tables there.
        DeployError: the stack did not get there.
    """
    _check_ready(preview)
    pipeline = DeployedPipeline(preview.aws, preview.project, preview.name, naming.TRAINING)
    # The training of an older commit of the pull request holds the lock, and nobody waits for it any more.
    stop_executions(preview.aws, pipeline.machine, "A newer commit of the pull request is previewed.", say)
    if release.manifest:
        image.push(preview.aws, release, None, say, prefix=IMAGES)
    with tempfile.TemporaryDirectory() as folder:
        _deploy(preview, release_of(preview, release, Path(folder)), say)
    sample, champion = copy_sample(preview, say), copy_champion(preview)
    execution = start(pipeline, checked_input(pipeline, {}))
    status = watch(pipeline, execution, say)
    if status == DETACHED:
        return status, ""
    result = PreviewResult(preview, release.commit, execution, sample, champion, *_end(pipeline, execution))
    return SUCCEEDED if status == REFUSED else status, section(result)


def _end(pipeline: DeployedPipeline, execution: str) -> tuple[Failure | None, dict[str, Any], dict[str, Any]]:
    """Return how an execution ended: its failure, or None; its output; and its evaluation, where it has them."""
    ended = pipeline.states.describe_execution(executionArn=naming.execution_arn(pipeline.machine, execution))
    if failure := execution_failure(ended):
        return failure, {}, {}
    output = strict_json.loads(ended["output"], "the output")
    evaluation = (
        evaluation_at(pipeline.aws.client("s3"), output["evaluation"]) if "evaluation" in output else {}
    )
    return None, output, evaluation


def release_of(preview: Preview, release: Release, folder: Path) -> Release:
    """Return the release with definitions that bear the preview's name, in a folder of its own."""
    shutil.copytree(release.folder / STACKS, folder / STACKS)
    FILES.write(rendered(preview.project), folder / release.definitions)
    return replace(release, folder=folder, project=preview.project)


def _check_ready(preview: Preview) -> None:
    """Raise `ConfigurationError` when there is no data stack to share, or nothing to train on."""
    stack = naming.data_stack(preview.project)
    if completed_stack(preview.aws, stack) is None:
        raise ConfigurationError(
            f"a preview shares the stack {stack}, which {preview.aws.name} does not have; `make deploy` makes it"
        )
    check_raw_tables(preview)


def _deploy(preview: Preview, release: Release, say: Callable[[str], None]) -> None:
    deployment.upload_definitions(preview.aws, release, preview.name)
    deploy_stack(preview.aws, _stack(preview, release), say)


def _stack(preview: Preview, release: Release) -> DesiredStack:
    """Return the pipelines stack, with tags by which the sweep finds it."""
    stack = desired.pipelines_stack(preview.aws, release, preview.name)
    return replace(stack, tags={**stack.tags, TAG: str(preview.number), TAG_OF_MODEL: preview.model})
