"""What the training pipeline promises, read from its definition."""

import re
from typing import Any, cast

import pytest

from pipelines.project import Project, load_project
from pipelines.retries import CALL_RETRY
from pipelines.training import definition


@pytest.fixture(scope="module")
def project() -> Project:
    return load_project()


@pytest.fixture(scope="module")
def states(project: Project) -> dict[str, Any]:
    model = next(iter(project.models))
    return cast("dict[str, Any]", definition(project, model)["States"])


def route(states: dict[str, Any], start: str, *choices: str) -> list[str]:
    """Return the names met from a state on; at each choice the next of `choices` is taken."""
    taken = list(choices)
    names = [start]
    while states[names[-1]]["Type"] not in {"Succeed", "Fail"}:
        state = states[names[-1]]
        names.append(taken.pop(0) if state["Type"] == "Choice" else state["Next"])
    return names


def test_a_first_model_is_registered(states: dict[str, Any]) -> None:
    """Without a champion the model is judged alone; passing leads to the registry, the record, the message."""
    assert route(states, "Set defaults", "Evaluate model", "Register model") == [
        "Set defaults",
        "Read input",
        "Merge input",
        "Prepare data",
        "Train model",
        "Find champion",
        "Has champion?",
        "Evaluate model",
        "Read evaluation",
        "Passes the gate?",
        "Register model",
        "Describe model",
        "Record run",
        "Notify",
        "Model registered",
    ]


def test_a_refusal_is_a_clean_end(states: dict[str, Any]) -> None:
    """A model that fails the gate ends in success, recorded and told, and meets no registry."""
    assert route(states, "Has champion?", "Describe champion", "Describe refusal")[1:] == [
        "Describe champion",
        "Evaluate against champion",
        "Read evaluation",
        "Passes the gate?",
        "Describe refusal",
        "Record refusal",
        "Notify refusal",
        "Model refused",
    ]
    assert states["Model refused"]["Type"] == "Succeed"


def test_only_the_champion_differs_between_the_evaluations(states: dict[str, Any]) -> None:
    """Both evaluations are the same job, but for the champion's artefact."""
    alone, against = (states[name]["Parameters"] for name in ("Evaluate model", "Evaluate against champion"))
    names = [
        [entry["InputName"] for entry in parameters["ProcessingInputs"]] for parameters in (alone, against)
    ]
    assert names == [["model", "test", "profile"], ["model", "test", "profile", "champion"]]
    assert {**alone, "ProcessingInputs": []} == {**against, "ProcessingInputs": []}


def test_every_error_ends_recorded_and_raised_again(states: dict[str, Any]) -> None:
    """Each task catches all; what it catches comes, at once or after the capacity question, to `Run failed`."""
    failure = ["Explain failure", "Record failure", "Notify failure", "Run failed"]
    assert route(states, "Explain failure") == failure
    assert states["Run failed"] == {
        "Type": "Fail",
        "ErrorPath": "$.failure.error.Error",
        "CausePath": "$.failure.error.Cause",
    }
    assert states["Out of capacity?"]["Default"] == "Explain failure"
    for name, state in states.items():
        if state["Type"] == "Task" and not name.startswith(("Notify", "Record failure")):
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
            assert state["Catch"][-1]["ResultPath"] == "$.error"
            assert {catcher["Next"] for catcher in state["Catch"]} <= {"Out of capacity?", "Explain failure"}


def test_the_failure_path_needs_only_the_first_states(states: dict[str, Any]) -> None:
    """Whatever failed, its record and message read nothing that a later state than `Merge input` leaves."""
    given = {key.removesuffix(".$") for key in states["Merge input"]["Parameters"]}
    for name in ("Explain failure", "Record failure", "Notify failure"):
        read = set(re.findall(r"(?<!\$)\$\.(\w+)", str(states[name]["Parameters"])))
        assert read <= given | {"error", "failure"}


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("Record failure", "Notify failure"),
        ("Notify failure", "Run failed"),
        ("Notify", "Model registered"),
        ("Notify refusal", "Model refused"),
    ],
)
def test_telling_never_changes_the_end(states: dict[str, Any], name: str, following: str) -> None:
    """When a message or the record of a failure cannot be written, the run ends as it would have."""
    targets = {states[name]["Next"], *(catcher["Next"] for catcher in states[name]["Catch"])}
    assert targets == {following}


def test_records_hold_only_data_that_exists(states: dict[str, Any]) -> None:
    """A refused model has no package, a failed run no metrics: their records ask for none."""
    items = {
        state["Parameters"]["Item"]["status"]["S"]: set(state["Parameters"]["Item"])
        for state in states.values()
        if state.get("Resource", "").endswith("dynamodb:putItem")
    }
    always = {"model", "run", "pipeline", "execution", "status", "started_at", "ended_at", "commit", "image"}
    judged = always | {"hyperparameters", "metrics", "verdict", "data_fingerprint", "report"}
    assert items["refused"] == judged
    assert items["registered"] == judged | {"model_package_arn"}
    assert items["failed"] == always | {"hyperparameters", "error", "cause"}


def test_the_output_explains_the_decision(states: dict[str, Any]) -> None:
    """Both good ends return the decision with its reasons; only a registered model has a package."""
    refused = {key.removesuffix(".$") for key in states["Describe refusal"]["Parameters"]}
    registered = {key.removesuffix(".$") for key in states["Describe model"]["Parameters"]}
    assert refused == {"decision", "report", "evaluation", "artefact", "metrics", "verdict"}
    assert registered == refused | {"model_package_arn"}
    assert states["Model registered"]["OutputPath"] == states["Model refused"]["OutputPath"] == "$.outcome"


def test_a_wait_for_capacity_returns_to_the_job_that_waited(states: dict[str, Any]) -> None:
    """The furthest job that the data allows is the one that failed; the first needs nothing."""
    again = states["Which job waited?"]
    assert [(rule["Variable"], rule["Next"]) for rule in again["Choices"]] == [
        ("$.champion", "Has champion?"),
        ("$.prepare", "Train model"),
    ]
    assert again["Default"] == "Prepare data"


def test_settings_of_the_project_reach_the_jobs(project: Project) -> None:
    """Machines, times and spot come from project.toml."""
    name = next(iter(project.models))
    settings = project.model_dump()
    settings["models"][name]["jobs"]["train"] |= {
        "instance_type": "ml.c5.4xlarge",
        "volume_size_in_gb": 77,
        "spot": False,
    }
    settings["models"][name]["hyperparameters"] = {"max_depth": 4}
    changed = cast("dict[str, Any]", definition(Project.model_validate(settings), name)["States"])
    parameters = changed["Train model"]["Parameters"]
    assert parameters["ResourceConfig"]["InstanceType"] == "ml.c5.4xlarge"
    assert parameters["ResourceConfig"]["VolumeSizeInGB"] == 77
    assert parameters["EnableManagedSpotTraining"] is False
    assert changed["Set defaults"]["Parameters"]["defaults"]["hyperparameters"] == {"max_depth": "4"}


def test_calls_are_repeated_and_jobs_are_not(states: dict[str, Any]) -> None:
    """A call that answers at once is repeated whatever went wrong; a job only for AWS's own reasons."""
    for state in states.values():
        if state["Type"] == "Task":
            synchronous = state["Resource"].endswith(".sync")
            assert (state["Retry"] == list(CALL_RETRY)) is not synchronous
