"""A run that waits for another one."""

import pytest
from deployed_pipelines import deployed

from headrace.errors import ConfigurationError
from headrace_aws.runs.execution import start
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.wait import wait_for_others


def test_it_waits_until_none_runs(pipeline: DeployedPipeline) -> None:
    """The one that runs is named once, and when it has ended the way is free."""
    deployed(pipeline, Type="Wait", Seconds=1, End=True)
    name = start(pipeline, {})
    said: list[str] = []
    wait_for_others(pipeline, 1, said.append, poll_seconds=0.05)
    assert len(said) == 1
    assert said[0].startswith(f"waits for {name}, which runs already")
    wait_for_others(pipeline, 1, said.append)
    assert len(said) == 1


def test_it_gives_up_in_time(pipeline: DeployedPipeline) -> None:
    """One that goes on is named with what ends it; one that is not deployed with what deploys it."""
    with pytest.raises(ConfigurationError, match="is not deployed; make deploy"):
        wait_for_others(pipeline, 1, print)
    deployed(pipeline, Type="Wait", Seconds=30, End=True)
    name = start(pipeline, {})
    with pytest.raises(
        ConfigurationError, match=f"{name} still runs after 0.001 minutes; .*make stop .*RUN={name}"
    ):
        wait_for_others(pipeline, 0.001, print, poll_seconds=0.05)
    pipeline.states.stop_execution(
        executionArn=f"{pipeline.machine.replace(':stateMachine:', ':execution:')}:{name}"
    )
