"""The workflow files themselves: what neither actionlint nor zizmor looks for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from headrace_aws.config.root import project_root
from headrace_aws.testing.workflow_runs import STAND_INS, stand_in_actions

ROOT = project_root()

FOLDER = ROOT / ".github" / "workflows"
FILES = {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.yml"))}
JOBS = {(name, job): described for name, file in FILES.items() for job, described in file["jobs"].items()}
CREDENTIALS = "./.github/actions/credentials"


@pytest.mark.parametrize(("file", "job"), JOBS)
def test_a_job_that_deploys_has_an_environment_and_one_that_reads_has_none(file: str, job: str) -> None:
    """The role that deploys is given to an environment's job alone, and the reviewers of one need not approve what only reads."""
    described = JOBS[file, job]
    roles = {step["with"]["role"] for step in steps(described) if step.get("uses") == CREDENTIALS}
    assert roles <= {"plan", "preview", "drift", "deploy"}
    if roles:
        assert ("environment" in described) == (roles in ({"preview"}, {"deploy"}))
        assert (described.get("environment") == "preview") == (roles == {"preview"})
        assert described["permissions"]["id-token"] == "write"


@pytest.mark.parametrize(
    ("file", "job"), [(file, job) for (file, job), each in JOBS.items() if "uses" in each]
)
def test_a_caller_grants_what_the_called_workflow_asks_for(file: str, job: str) -> None:
    """GitHub refuses a whole run where a called job asks for more than its caller has; act does not look."""
    called = FILES[Path(JOBS[file, job]["uses"]).name]
    for asking in called["jobs"].values():
        assert asking["permissions"].items() <= JOBS[file, job]["permissions"].items()


@pytest.mark.parametrize("file", FILES)
def test_forks_reach_a_workflow_only_by_its_plain_event(file: str) -> None:
    """`pull_request_target` and `workflow_run` would run a stranger's change with this repository's rights."""
    events = FILES[file][True]  # YAML reads the word `on` so
    assert not {"pull_request_target", "workflow_run"} & set(events)


@pytest.mark.parametrize(("file", "job"), JOBS)
def test_no_deployment_is_cancelled(file: str, job: str) -> None:
    """Jobs of a group that deploys wait, all of them and in their order: none is cancelled, running or waiting."""
    described = JOBS[file, job]
    group = described.get("concurrency") or FILES[file].get("concurrency")
    if any(step.get("with", {}).get("role") in {"preview", "deploy"} for step in steps(described)):
        assert group
        assert (group["queue"], group["cancel-in-progress"]) == ("max", False)


def test_every_action_has_a_stand_in() -> None:
    """A new action needs a folder here, or act would fetch it."""
    for each in stand_in_actions(ROOT):
        assert Path(each.partition("=")[2], "action.yml").is_file(), each
    assert len(stand_in_actions(ROOT)) == len(list((STAND_INS / "actions").iterdir()))


def steps(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a job; one that calls a workflow has none."""
    yield from job.get("steps", [])
