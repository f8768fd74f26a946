"""What the API answers, held against its own model: every member that AWS promises is there."""

from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import Shape
from local_jobs import Jobs


@pytest.fixture(scope="module")
def shapes() -> Any:
    return botocore.session.get_session().get_service_model("sagemaker")


def _missing(shape: Shape, value: Any, place: str) -> list[str]:
    """Return the places of required members that a value does not have."""
    if shape.type_name == "structure":
        found = [f"{place}.{name}" for name in shape.required_members if name not in value]
        for name, item in value.items():
            if name in shape.members:
                found += _missing(shape.members[name], item, f"{place}.{name}")
        return found
    if shape.type_name == "list":
        return [name for item in value for name in _missing(shape.member, item, f"{place}[]")]
    return []


@pytest.mark.parametrize("kind", ["Processing", "Training"])
def test_every_required_member_is_there(jobs: Jobs, shapes: Any, kind: str) -> None:
    """Of DescribeXJob and ListXJobs, down to the last structure; for an ended job, as for one that runs."""
    name = f"required-{kind.lower()}"
    request = getattr(jobs, kind.lower())(name, "pass")
    described = jobs.run(request)
    shape = shapes.operation_model(f"Describe{kind}Job").output_shape
    assert _missing(shape, described, "") == []
    listed = getattr(jobs.api, f"list_{xform_name(kind)}_jobs")(NameContains=name)
    assert _missing(shapes.operation_model(f"List{kind}Jobs").output_shape, listed, "") == []
    assert set(described) - {"ResponseMetadata"} <= set(shape.members)


def test_a_training_without_a_model_lacks_only_that(jobs: Jobs, shapes: Any) -> None:
    """ModelArtifacts, required by the letter, is left out until there is a model; all else is there."""
    running = jobs.training("no-model-yet", "time.sleep(60)")
    jobs.create(running)
    shape = shapes.operation_model("DescribeTrainingJob").output_shape
    assert _missing(shape, jobs.describe(running), "") == [".ModelArtifacts"]
    jobs.api.stop_training_job(TrainingJobName="no-model-yet")
    assert _missing(shape, jobs.ended(running), "") == [".ModelArtifacts"]
