"""The gate of ci.yml: the one job that a branch rule requires."""

from pathlib import Path

import pytest

from headrace_aws.testing.repository import add_workflows, commit, init, pull_request
from headrace_aws.testing.stand_ins.turns import concurrency
from headrace_aws.testing.workflow_runs import Event, Runner, run

JOBS = ("check", "test", "clients", "demo", "security")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose targets end well, save those that the environment names."""
    made = tmp_path_factory.mktemp("repository")
    targets = "\n".join(f"{job}:\n\t@! echo ' $(FAILS) ' | grep -q ' {job} '\n" for job in JOBS)
    (made / "Makefile").write_text(f".PHONY: {' '.join(JOBS)}\n{targets}")
    add_workflows(made)
    init(made)
    commit(made, "Begin")
    return made


@pytest.mark.parametrize("fails", ["", *JOBS])
def test_the_gate_passes_only_when_every_job_did(root: Path, tmp_path: Path, fails: str) -> None:
    """Any job that fails fails the gate, which runs all the same; with none, it passes."""
    event = Event("pull_request", pull_request(root, 1), token="")
    with concurrency() as turns:
        done = run(Runner(root, {"FAILS": fails}, turns), "ci.yml", event, tmp_path / "run")
    assert {job: done.ended(job) for job in JOBS} == {
        job: "failure" if job == fails else "success" for job in JOBS
    }, done.output
    assert done.ended("ci") == ("failure" if fails else "success"), done.output
