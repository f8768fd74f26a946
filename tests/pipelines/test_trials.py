"""What cross-validation and backtesting promise, read from their definitions."""

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from headrace_aws.config.project import Project, load_project
from pipelines import backtesting, cross_validation

if TYPE_CHECKING:
    from types import ModuleType

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))


@pytest.fixture(params=[cross_validation, backtesting], ids=["cross-validation", "backtesting"])
def states(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The states of one of the two."""
    pipeline = cast("ModuleType", request.param)
    return cast("dict[str, Any]", pipeline.definition(PROJECT, MODEL)["States"])


def turn(states: dict[str, Any]) -> dict[str, Any]:
    """Return the states of the loop."""
    return cast("dict[str, Any]", states["Each trial"]["ItemProcessor"]["States"])


def test_trials_are_told_apart(states: dict[str, Any]) -> None:
    """A job's name and every place that it writes to hold the trial."""
    for state in turn(states).values():
        if ".sync" not in state.get("Resource", ""):
            continue
        parameters = state["Parameters"]
        name = parameters.get("TrainingJobName.$") or parameters["ProcessingJobName.$"]
        assert "States.Hash(States.Format('{}/{}', $$.Execution.Id, $.trial), 'MD5')" in name
        written = [
            *(
                output["S3Output"]["S3Uri.$"]
                for output in parameters.get("ProcessingOutputConfig", {}).get("Outputs", ())
            ),
            *(
                parameters[key][uri]
                for key, uri in (("OutputDataConfig", "S3OutputPath.$"), ("CheckpointConfig", "S3Uri.$"))
                if key in parameters
            ),
        ]
        assert written
        assert all("$.trial" in uri for uri in written)


def test_a_trial_that_fails_does_not_end_the_run(states: dict[str, Any]) -> None:
    """Every error inside the loop ends in a file beside the results, and the turn ends well."""
    inside = turn(states)
    failed = inside["Keep trial's failure"]
    assert failed["Next"] == "Trial is done"
    assert {catcher["Next"] for catcher in failed["Catch"]} == {"Trial is done"}
    aggregate = states["Put results together"]["Parameters"]["ProcessingInputs"]
    results = next(entry["S3Input"]["S3Uri.$"] for entry in aggregate if entry["InputName"] == "results")
    folder = results.split("{}/")[1].split("'")[0]
    assert f"{folder}{{}}/failure.json" in failed["Parameters"]["Key.$"]
    for state in inside.values():
        for catcher in state.get("Catch", ()):
            assert catcher["Next"] in inside


def test_what_a_turn_leaves_is_small(states: dict[str, Any]) -> None:
    """The results of all turns are one state's data: 500 trials must stay far below 256 KiB."""
    ended = turn(states)["Trial is done"]
    assert ended["Parameters"] == {"trial.$": "$.trial"}
    assert ended["ResultPath"] == "$"
    assert states["Each trial"]["ResultPath"] is None


def test_a_trial_trains_on_its_own_hyperparameters(states: dict[str, Any]) -> None:
    """The run's hyperparameters, and the trial's over them."""
    item = states["Each trial"]["ItemSelector"]
    assert (
        item["hyperparameters.$"]
        == "States.JsonMerge($.hyperparameters, $$.Map.Item.Value.hyperparameters, false)"
    )
    assert turn(states)["Train trial"]["Parameters"]["HyperParameters.$"] == "$.hyperparameters"


def test_concurrency_comes_from_the_project() -> None:
    """How many trainings run at a time is a setting."""
    given = PROJECT.model_dump(mode="json")
    given["models"][MODEL]["backtesting"]["concurrency"] = 7
    found = backtesting.definition(Project.model_validate(given), MODEL)
    assert cast("dict[str, Any]", found["States"])["Each trial"]["MaxConcurrency"] == 7


def test_no_fold_trains_on_what_it_is_judged_by(states: dict[str, Any]) -> None:
    """Training reads train and validation rows, scoring reads the test rows, of the same part."""
    train = json.dumps(turn(states)["Train trial"]["Parameters"]["InputDataConfig"])
    assert "/test/" not in train
    score = next(
        state for name, state in turn(states).items() if name in {"Evaluate trial", "Score what came after"}
    )
    assert "split/parts/{}/test/" in json.dumps(score["Parameters"]["ProcessingInputs"])
