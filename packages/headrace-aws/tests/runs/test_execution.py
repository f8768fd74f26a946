"""The end of a run: what is said, and the exit status."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from deployed_pipelines import deployed

from headrace.errors import ConfigurationError
from headrace_aws.runs.execution import DETACHED, start, stop, watch
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.result import FAILED, REFUSED, SUCCEEDED


@pytest.mark.parametrize(
    ("decision", "status"),
    [("registered", SUCCEEDED), ("refused", REFUSED), ("skipped", REFUSED), (None, SUCCEEDED)],
)
def test_the_decision_gives_the_exit_status(
    pipeline: DeployedPipeline, decision: str | None, status: int, tmp_path: Path
) -> None:
    """Registered and refused differ in their status; a pipeline without a gate just succeeds."""
    output = {"decision": decision} if decision else {}
    deployed(pipeline, Type="Pass", Result=output, End=True)
    said: list[str] = []
    assert watch(pipeline, start(pipeline, {}), said.append, tmp_path) == status
    assert any(text.startswith(f"{decision or 'succeeded'} after") for text in said)


def test_a_failed_run_says_error_cause_and_remedy(pipeline: DeployedPipeline, tmp_path: Path) -> None:
    """Without a job to blame, error and cause of the execution are reported, and status is 1."""
    deployed(pipeline, Type="Fail", Error="Tests.Broken", Cause="It broke.")
    said: list[str] = []
    assert watch(pipeline, start(pipeline, {}), said.append, tmp_path) == FAILED
    text = "\n".join(said)
    for part in ("s  Only", "FAILED after", "error    Tests.Broken", "it said  It broke.", "remedy: "):
        assert part in text


def test_a_stopped_run_says_who_stopped_it(pipeline: DeployedPipeline, tmp_path: Path) -> None:
    """`--stop` ends an execution; whoever watches it sees the state that it was in."""
    deployed(pipeline, Type="Wait", Seconds=600, End=True)
    name = start(pipeline, {})
    said: list[str] = []
    assert stop(pipeline, name, said.append) == SUCCEEDED
    assert watch(pipeline, name, said.append, tmp_path) == FAILED
    text = "\n".join(said)
    for part in ("ABORTED after", "state    Only", "Stopped by a person.", "none is needed"):
        assert part in text


def test_a_pipeline_that_is_not_deployed_says_what_to_do(pipeline: DeployedPipeline) -> None:
    """Without its state machine nothing can start."""
    with pytest.raises(ConfigurationError, match="make deploy"):
        start(pipeline, {})


def test_an_unknown_execution_is_reported(pipeline: DeployedPipeline) -> None:
    """A name that no execution bears is an error of the caller."""
    deployed(pipeline, Type="Succeed")
    for act in (stop, watch):
        with pytest.raises(ConfigurationError, match="does not exist"):
            act(pipeline, "nobody", lambda _: None)


class Network:
    """The wire under a client: it lets some calls pass, and then answers in another way."""

    def __init__(self, client: Any, passing: int, *answers: Any) -> None:
        self.passing, self.answers, self.asked = passing, list(answers), 0
        client.meta.events.register("before-call.stepfunctions", self)

    def __call__(self, **_: Any) -> Any:
        self.asked += 1
        if self.asked <= self.passing or not self.answers:
            return None  # as if nobody had asked: the call goes out
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


LOST = EndpointConnectionError(endpoint_url="https://states")
EXPIRED = (
    SimpleNamespace(status_code=400),
    {
        "Error": {"Code": "ExpiredTokenException", "Message": "The security token is expired"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    },
)
DENIED = (
    SimpleNamespace(status_code=400),
    {
        "Error": {"Code": "AccessDeniedException", "Message": "not authorized"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    },
)


@pytest.mark.parametrize(("fault", "is_tried"), [(LOST, True), (EXPIRED, True), (DENIED, False)])
def test_a_run_that_is_out_of_sight_is_not_reported_as_not_started(
    pipeline: DeployedPipeline,
    monkeypatch: pytest.MonkeyPatch,
    fault: Any,
    is_tried: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    """When AWS stays silent the run goes on: the status is that of Ctrl-C, with the same two commands."""
    deployed(pipeline, Type="Wait", Seconds=600, End=True)
    name = start(pipeline, {})
    monkeypatch.setattr("headrace_aws.runs.follow.PATIENCE_SECONDS", 1)
    network = Network(pipeline.states, 2, fault)
    said: list[str] = []
    assert watch(pipeline, name, said.append, tmp_path) == DETACHED
    assert (network.asked > 3) == is_tried
    text = "\n".join(said)
    for part in (
        "AWS no longer answers: ",
        f"follow it: {pipeline.command('follow', RUN=name)}",
        f"stop it:   {pipeline.command('stop', RUN=name)}",
    ):
        assert part in text
    network.answers.clear()
    assert stop(pipeline, name, said.append) == SUCCEEDED


def test_a_run_ends_with_its_local_aws(pipeline: DeployedPipeline, tmp_path: Path) -> None:
    """When the local AWS has ended, or a new one has taken its place, the run has failed: it does not go on."""
    deployed(pipeline, Type="Wait", Seconds=600, End=True)
    name = start(pipeline, {})
    network = Network(pipeline.states, 0, LOST)
    for home, endpoint in ((tmp_path, pipeline.aws.endpoint), (pipeline.aws.home, "http://localhost:1")):
        aws = replace(pipeline.aws, home=home, endpoint=endpoint)
        said: list[str] = []
        assert watch(replace(pipeline, aws=aws), name, said.append, tmp_path) == FAILED
        assert f"the local AWS has ended, and {name} with it" in "\n".join(said)
    assert network.asked == 2
    network.answers.clear()
    stop(pipeline, name, print)


def test_a_short_loss_of_the_connection_is_not_reported(pipeline: DeployedPipeline, tmp_path: Path) -> None:
    """A connection that comes back within seconds leaves the watch as it was."""
    deployed(pipeline, Type="Pass", End=True)
    name = start(pipeline, {})
    network = Network(pipeline.states, 0, LOST, LOST, EXPIRED, None)
    said: list[str] = []
    assert watch(pipeline, name, said.append, tmp_path) == SUCCEEDED
    assert network.asked > 3
    assert "no longer" not in "\n".join(said)


def test_a_history_that_was_read_by_half_is_read_again(
    pipeline: DeployedPipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The newest page comes first: when the connection is lost after it, the older events are not forgotten."""
    monkeypatch.setattr("headrace_aws.runs.history._MAXIMUM_RESULTS", 2)
    deployed(pipeline, Type="Wait", Seconds=1, End=True)
    name = start(pipeline, {})
    assert watch(pipeline, name, lambda _: None, tmp_path) == SUCCEEDED
    network = Network(
        pipeline.states, 2, LOST, None
    )  # DescribeExecution and a page pass, the next page is lost
    said: list[str] = []
    assert watch(pipeline, name, said.append, tmp_path) == SUCCEEDED
    assert network.asked > 3
    assert any(text.endswith("s  Only") for text in said)


def test_an_execution_that_has_ended_is_read_once(pipeline: DeployedPipeline, tmp_path: Path) -> None:
    """Terminal and page share one snapshot: description, history and definition are asked for once each."""
    deployed(pipeline, Type="Pass", End=True)
    name = start(pipeline, {})
    assert watch(pipeline, name, lambda _: None, tmp_path) == SUCCEEDED
    network = Network(pipeline.states, 99)
    assert watch(pipeline, name, lambda _: None, tmp_path) == SUCCEEDED
    assert network.asked == 3
    assert (tmp_path / "run.html").is_file()


def test_a_page_that_cannot_be_written_changes_no_status(pipeline: DeployedPipeline, tmp_path: Path) -> None:
    """As in a folder that is read only: how the run ended is another matter."""
    deployed(pipeline, Type="Pass", End=True)
    (tmp_path / "file").write_text("")
    said: list[str] = []
    assert watch(pipeline, start(pipeline, {}), said.append, tmp_path / "file" / "run") == SUCCEEDED
    assert said[-1].startswith("the page of the run cannot be written: ")
    assert "Not a directory; one of the folders in the path is a file" in said[-1]
