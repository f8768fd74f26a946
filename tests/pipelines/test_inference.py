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


def changed(*keys: str, value: object) -> dict[str, Any]:
    """Return the states of a project in which one key of the model has another value."""
    given = PROJECT.model_dump(mode="json")
    settings = given["models"][MODEL]
    for key in keys[:-1]:
        settings = settings[key]
    settings[keys[-1]] = value
    return cast("dict[str, Any]", definition(Project.model_validate(given), MODEL)["States"])


@pytest.mark.parametrize("required", [False, True])
def test_predictions_wait_for_the_drift_check_only_if_the_project_says_so(*, required: bool) -> None:
    """They are published as soon as they are collected, or once drift is measured; the manifest follows the copy."""
    states = changed("inference", "require_drift_check", value=required)
    way = ["Collect predictions"]
    while states[way[-1]]["Type"] != "Succeed":
        way.append(states[way[-1]]["Next"])
    publication = ["Read table", "Publish predictions", "Write manifest", "Count predictions"]
    check = ["Watch for drift", "Read drift", "Measure drift"]
    assert way[1:8] == (check + publication if required else publication + check)


def test_nothing_else_writes_where_predictions_are_published(states: dict[str, Any]) -> None:
    """The date's folder holds the object and its manifest."""
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
    states = changed("jobs", "predict", "instance_count", value=3)
    distribution = {
        entry["InputName"]: entry["S3Input"]["S3DataDistributionType"]
        for entry in states["Predict"]["Parameters"]["ProcessingInputs"]
    }
    assert distribution == {"model": "FullyReplicated", "examples": "ShardedByS3Key"}
    assert states["Predict"]["Parameters"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 3
    arguments = states["Prepare batch"]["Parameters"]["AppSpecification"]["ContainerArguments.$"]
    assert "'--parts', '3'" in arguments


def test_without_an_approved_model_there_is_a_clean_end(states: dict[str, Any]) -> None:
    """No model is no failure: the run ends well, and says what to do."""
    assert states["Is there a model?"]["Default"] == "Describe skip"
    assert "make approve" in states["Describe skip"]["Parameters"]["summary"]
    assert states["Record skip"]["Next"] == "Nothing to predict with"
