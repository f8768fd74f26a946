"""What the training pipeline promises, read from its definition."""

from typing import Any, cast

import pytest

from headrace_aws.config.project import Project, load_project
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
        "Read settings",
        "Merge settings",
        "Merge input",
        "Take the lock",
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
    """Both evaluations are the same job, but for the champion: its artefact, and its name for messages."""
    alone, against = (states[name]["Parameters"] for name in ("Evaluate model", "Evaluate against champion"))
    names = [
        [entry["InputName"] for entry in parameters["ProcessingInputs"]] for parameters in (alone, against)
    ]
    assert names == [["model", "test", "profile"], ["model", "test", "profile", "champion"]]
    assert "'--champion', $.champion.version.arn" in str(against["AppSpecification"])
    differ = ("ProcessingInputs", "AppSpecification")
    assert alone.keys() == against.keys()
    assert all(alone[key] == against[key] for key in alone if key not in differ)


def test_a_champion_that_stops_its_evaluation_is_left_out_once(states: dict[str, Any]) -> None:
    """The evaluation is started again with the failure in the champion's place; a second failure ends the run."""
    assert states["Out of capacity?"]["Default"] == "Is it the champion?"
    assert [(rule["Variable"], rule["Next"]) for rule in states["Is it the champion?"]["Choices"]] == [
        ("$.champion.failure", "Explain failure"),
        ("$.champion.version", "Describe failure with champion"),
    ]
    assert states["Is it the champion?"]["Default"] == "Explain failure"
    assert route(states, "Describe failure with champion", "Register model")[:5] == [
        "Describe failure with champion",
        "Write failure with champion",
        "Leave champion out",
        "Evaluate against champion",
        "Read evaluation",
    ]


def test_records_hold_only_data_that_exists(states: dict[str, Any]) -> None:
    """A refused model has no package, a failed run no metrics: their records ask for none."""
    items = {
        state["Parameters"]["Item"]["status"]["S"]: set(state["Parameters"]["Item"])
        for state in states.values()
        if "status" in state.get("Parameters", {}).get("Item", {})
    }
    always = {"model", "run", "pipeline", "execution", "status", "started_at", "ended_at", "commit", "image"}
    always |= {"trigger"}
    judged = always | {"hyperparameters", "metrics", "verdict", "data_fingerprint", "report", "summary"}
    assert items["skipped"] == always | {"summary"}
    assert items["refused"] == judged
    assert items["registered"] == judged | {"model_package_arn"}
    assert items["failed"] == always | {"hyperparameters", "error", "cause"}


def test_the_output_explains_the_decision(states: dict[str, Any]) -> None:
    """Both good ends return the decision with its reasons; only a registered model has a package."""
    refused = {key.removesuffix(".$") for key in states["Describe refusal"]["Parameters"]}
    registered = {key.removesuffix(".$") for key in states["Describe model"]["Parameters"]}
    assert refused == {"decision", "summary", "report", "evaluation", "artefact", "metrics", "verdict"}
    assert registered == refused | {"model_package_arn"}
    assert states["Model registered"]["OutputPath"] == states["Model refused"]["OutputPath"] == "$.outcome"


def test_a_wait_for_capacity_returns_to_the_job_that_waited(states: dict[str, Any]) -> None:
    """The furthest job that the data allows is the one that failed; the first needs nothing."""
    again = states["Which job waited?"]
    assert [(rule["Variable"], rule["Next"]) for rule in again["Choices"]] == [
        ("$.champion.failure", "Evaluate against champion"),
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


def test_of_two_trainings_one_does_nothing(states: dict[str, Any]) -> None:
    """A lock that a running execution holds ends this run well; one whose holder has ended is taken over."""
    taken = {catcher["ErrorEquals"][0]: catcher["Next"] for catcher in states["Take the lock"]["Catch"]}
    assert taken["DynamoDB.ConditionalCheckFailedException"] == "Read the lock"
    assert route(states, "Read the lock", "Describe skip") == [
        "Read the lock",
        "Look at its holder",
        "Does it still run?",
        "Describe skip",
        "Record skip",
        "Training skipped",
    ]
    assert states["Does it still run?"]["Default"] == "Take the lock over"
    assert states["Take the lock over"]["Next"] == states["Take the lock"]["Next"] == "Prepare data"
