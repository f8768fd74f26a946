"""What the inference pipeline promises, read from its definition."""

from typing import Any, cast

import pytest

from headrace_aws.config.project import Project, load_project
from pipelines.inference import definition

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))


@pytest.fixture
def states() -> dict[str, Any]:
    return cast("dict[str, Any]", definition(PROJECT, MODEL)["States"])


def test_predictions_are_published_last(states: dict[str, Any]) -> None:
    """The copy comes after the last job, and the manifest after the copy: a failed run publishes nothing."""
    names = [name for name, state in states.items() if state["Type"] == "Task"]
    place = {name: names.index(name) for name in ("Watch for drift", "Publish predictions", "Write manifest")}
    assert list(place.values()) == sorted(place.values())
    written = [
        name
        for name, state in states.items()
        if "/predictions/{}/" in str(state.get("Parameters", {}).get("Key.$", ""))
    ]
    assert written == ["Publish predictions", "Write manifest"]


def test_the_manifest_names_the_version_of_the_object(states: dict[str, Any]) -> None:
    """Whoever reads by the manifest reads one version, whole, whatever is written meanwhile."""
    body = states["Write manifest"]["Parameters"]["Body"]
    assert body["version_id.$"] == "$.published.version_id"
    assert {key.removesuffix(".$") for key in body} == {
        "date", "rows", "sha256", "model_package_arn", "data_fingerprint", "execution", "key", "version_id",
    }  # fmt: skip


def test_a_run_without_a_date_takes_its_own_day(states: dict[str, Any]) -> None:
    """`{}` publishes under the day on which the run began."""
    given = states["Set defaults"]["Parameters"]["input"]
    assert given["date.$"] == "States.ArrayGetItem(States.StringSplit($$.Execution.StartTime, 'T'), 0)"


def test_instances_share_the_batch() -> None:
    """Each of N instances gets its share of at least N files, and the whole model."""
    given = PROJECT.model_dump(mode="json")
    given["models"][MODEL]["jobs"]["predict"]["instance_count"] = 3
    changed = cast("dict[str, Any]", definition(Project.model_validate(given), MODEL)["States"])
    distribution = {
        entry["InputName"]: entry["S3Input"]["S3DataDistributionType"]
        for entry in changed["Predict"]["Parameters"]["ProcessingInputs"]
    }
    assert distribution == {"model": "FullyReplicated", "examples": "ShardedByS3Key"}
    assert changed["Predict"]["Parameters"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 3
    arguments = changed["Prepare batch"]["Parameters"]["AppSpecification"]["ContainerArguments.$"]
    assert "'--parts', '3'" in arguments


def test_without_an_approved_model_there_is_a_clean_end(states: dict[str, Any]) -> None:
    """No model is no failure: the run ends well, and says what to do."""
    assert states["Is there a model?"]["Default"] == "Describe skip"
    assert "make approve" in states["Describe skip"]["Parameters"]["summary"]
    assert states["Record skip"]["Next"] == "Nothing to predict with"
