"""A run waits for those of the same pipeline that are on their way: of two trainings of a model one would skip."""

import time
from collections.abc import Callable

from headrace.errors import ConfigurationError
from headrace_aws.runs.pipeline import DeployedPipeline

_POLL_SECONDS = 5.0


def wait_for_others(
    pipeline: DeployedPipeline,
    minutes: float,
    say: Callable[[str], None],
    poll_seconds: float = _POLL_SECONDS,
) -> None:
    """Return once no execution of the pipeline runs.

    Raises:
        ConfigurationError: one still runs after so many minutes, or the pipeline is not deployed.
    """
    deadline = time.monotonic() + 60 * minutes
    announced = ""
    while running := _running(pipeline):
        if time.monotonic() > deadline:
            raise ConfigurationError(
                f"{running} still runs after {minutes:g} minutes; wait for it, "
                f"or end it: {pipeline.command('stop', RUN=running)}"
            )
        if running != announced:
            say(
                f"waits for {running}, which runs already: {pipeline.command('follow', RUN=running)} shows it; "
                f"{minutes:g} minutes at most"
            )
            announced = running
        time.sleep(poll_seconds)


def _running(pipeline: DeployedPipeline) -> str:
    """Return the name of an execution that runs; empty when there is none."""
    states = pipeline.states
    try:
        found = states.list_executions(stateMachineArn=pipeline.machine, statusFilter="RUNNING", maxResults=1)
    except states.exceptions.StateMachineDoesNotExist as error:
        raise ConfigurationError(
            f"{pipeline.machine} is not deployed; {pipeline.command('deploy')} does it"
        ) from error
    return next((each["name"] for each in found["executions"]), "")
