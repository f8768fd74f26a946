"""The jobs of ci.yml: which run for what was changed, and the gate, the one job that a branch rule requires."""

import re
from pathlib import Path

import pytest

from headrace_aws.testing.repository import add_workflows, commit, init, pull_request, push
from headrace_aws.testing.stand_ins.turns import concurrency
from headrace_aws.testing.workflow_runs import Event, Run, Runner, run

ALWAYS = {"check", "test"}
PACKAGES = {"test-packages", "clients", "demo"}
ALL = ALWAYS | PACKAGES | {"security"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose targets end well, save those that the environment names."""
    made = tmp_path / "repository"
    made.mkdir()
    targets = "\n".join(f"{job}:\n\t@! echo ' $(FAILS) ' | grep -q ' {job} '\n" for job in sorted(ALL))
    (made / "Makefile").write_text(f".PHONY: {' '.join(sorted(ALL))}\n{targets}")
    add_workflows(made)
    init(made)
    commit(made, "Begin")
    return made


def ran(root: Path, event: Event, fails: str = "") -> Run:
    """Run ci.yml."""
    with concurrency() as turns:
        return run(Runner(root, {"FAILS": fails}, turns), "ci.yml", event, root.parent / "run")


def pythons(done: Run) -> set[str]:
    """Return the Pythons of the matrix that ran."""
    return set(re.findall(r"Matrix: map\[python:([\d.]+)\]", done.output))


def proposal(root: Path, *files: str) -> Event:
    """Return the event of a pull request that adds files."""
    base = commit(root, "Base")
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    commit(root, "Change")
    payload = pull_request(root, 1)
    payload["pull_request"]["base"]["sha"] = base
    return Event("pull_request", payload, token="")


@pytest.mark.parametrize(
    ("file", "runs"),
    [
        ("src/toy/model.py", ALWAYS),
        ("infra/stacks/data.yaml", ALWAYS | {"security"}),
        ("packages/headrace/src/headrace/gate.py", ALWAYS | PACKAGES),
        ("requirements/dev.txt", ALL),
    ],
)
def test_a_pull_request_tests_what_it_changes(root: Path, file: str, runs: set[str]) -> None:
    """On the image's Python alone; the gate passes with the jobs that are skipped."""
    done = ran(root, proposal(root, file))
    assert {job for job in ALL if done.ended(job) == "success"} == runs, done.output
    assert {done.ended(job) for job in ALL - runs} <= {"skipped"}
    assert done.ended("ci") == "success"
    assert pythons(done) == {"3.11"}


@pytest.mark.parametrize("name", ["push", "schedule"])
def test_main_and_the_night_test_everything(root: Path, name: str) -> None:
    """All jobs, on each Python."""
    done = ran(root, Event(name, push(root), token=""))
    assert {job: done.ended(job) for job in ALL} == dict.fromkeys(ALL, "success"), done.output
    assert done.ended("ci") == "success"
    assert pythons(done) == {"3.11.4", "3.11", "3.12", "3.13"}


@pytest.mark.parametrize("fails", sorted(ALL))
def test_the_gate_fails_with_each_job(root: Path, fails: str) -> None:
    """Any job that fails fails the gate, which runs all the same."""
    done = ran(root, proposal(root, "requirements/dev.txt"), fails)
    assert {job for job in ALL if done.ended(job) == "failure"} == {fails}, done.output
    assert done.ended("ci") == "failure"


def test_what_cannot_be_compared_counts_as_changed(root: Path) -> None:
    """A base that the checkout does not hold selects every job."""
    event = proposal(root)
    event.payload["pull_request"]["base"]["sha"] = "0" * 40
    done = ran(root, event)
    assert {done.ended(job) for job in ALL} == {"success"}, done.output
