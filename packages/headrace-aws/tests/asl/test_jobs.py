"""Jobs say all that SageMaker must know."""

from typing import Any, cast

import pytest

from headrace.errors import DefinitionError
from headrace.settings import Gate
from headrace_aws.asl.arguments import argument_object, hyperparameter_texts
from headrace_aws.asl.expressions import path
from headrace_aws.asl.jobs import Pipeline, has_local_storage, processing_job, training_job
from headrace_aws.config.project import Job, TrainingJob

PIPELINE = Pipeline(project="mill", model="grain", name="training")


def training(machine: TrainingJob) -> dict[str, Any]:
    state = training_job(
        "Train model",
        PIPELINE,
        "train",
        machine,
        arguments=["--model", "grain"],
        hyperparameters=path("$.hyperparameters"),
        channels={"train": path("$.train")},
        on_error="Failed",
    )
    return cast("dict[str, Any]", state.fields)


def processing(machine: Job) -> dict[str, Any]:
    state = processing_job(
        "Prepare data",
        PIPELINE,
        "prepare",
        machine,
        arguments=["--model", "grain"],
        inputs={"raw": path("$.raw")},
        outputs=("train",),
        on_error="Failed",
    )
    return cast("dict[str, Any]", state.fields)


def test_a_job_is_named_after_its_execution_and_attempt() -> None:
    """No two runs and no two attempts of one run share a job's name."""
    assert processing(Job())["Parameters"]["ProcessingJobName.$"] == (
        "States.Format('mill-prepare-{}{}-{}', "
        "States.Hash($$.Execution.Id, 'MD5'), $.capacity.suffix, $$.State.RetryCount)"
    )


def test_a_job_is_encrypted_and_cut_off() -> None:
    """Volumes and outputs use the data key; the container has no network."""
    parameters = processing(Job())["Parameters"]
    assert parameters["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == "${KeyArn}"
    assert parameters["ProcessingOutputConfig"]["KmsKeyId"] == "${KeyArn}"
    assert parameters["NetworkConfig"]["EnableNetworkIsolation"] is True
    parameters = training(TrainingJob())["Parameters"]
    assert parameters["ResourceConfig"]["VolumeKmsKeyId"] == "${KeyArn}"
    assert parameters["OutputDataConfig"]["KmsKeyId"] == "${KeyArn}"
    assert parameters["EnableNetworkIsolation"] is True


@pytest.mark.parametrize(("count", "encrypted"), [(1, False), (3, True)])
def test_traffic_between_instances_is_encrypted(count: int, *, encrypted: bool) -> None:
    """Several instances talk to each other by encrypted ways; one has nobody to talk to."""
    parameters = training(TrainingJob(instance_count=count))["Parameters"]
    assert parameters["EnableInterContainerTrafficEncryption"] is encrypted
    network = processing(Job(instance_count=count))["Parameters"]["NetworkConfig"]
    assert network["EnableInterContainerTrafficEncryption"] is encrypted


def test_spot_waits_and_resumes() -> None:
    """Spot training has a checkpoint, and waits beyond its running time; the task outlasts both."""
    fields = training(TrainingJob(spot=True, timeout_seconds=7200, spot_wait_seconds=3600))
    parameters = fields["Parameters"]
    assert parameters["EnableManagedSpotTraining"] is True
    assert parameters["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 10800}
    assert parameters["CheckpointConfig"]["LocalPath"] == "/opt/ml/checkpoints"
    assert "train/checkpoints/" in parameters["CheckpointConfig"]["S3Uri.$"]
    assert fields["TimeoutSeconds"] > 10800


def test_on_demand_needs_no_checkpoint() -> None:
    """SageMaker refuses MaxWaitTimeInSeconds without spot."""
    parameters = training(TrainingJob(spot=False, timeout_seconds=7200))["Parameters"]
    assert parameters["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200}
    assert "CheckpointConfig" not in parameters


def test_our_own_failure_is_not_retried() -> None:
    """Bad data fails a job once: nothing retries the error by which a failed job is reported."""
    for fields in (processing(Job()), training(TrainingJob())):
        retried = {error for retrier in fields["Retry"] for error in retrier["ErrorEquals"]}
        assert retried.isdisjoint({"States.TaskFailed", "States.ALL", "States.Timeout"})
        assert {"SageMaker.AmazonSageMakerException", "SageMaker.ResourceLimitExceededException"} <= retried


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [("ml.m5.xlarge", False), ("ml.m5d.xlarge", True), ("ml.g5.2xlarge", True), ("ml.g4dn.xlarge", True)],
)
def test_no_volume_key_on_instances_with_own_disks(instance_type: str, *, expected: bool) -> None:
    """SageMaker refuses a volume key on instances whose disks are encrypted by themselves."""
    assert has_local_storage(instance_type) is expected
    cluster = training(TrainingJob(instance_type=instance_type))["Parameters"]["ResourceConfig"]
    assert ("VolumeKmsKeyId" not in cluster) is expected


def test_hyperparameters_are_texts() -> None:
    """SageMaker carries texts only."""
    given: dict[str, str | float | bool] = {"depth": 6, "rate": 0.1, "early": True, "name": "x"}
    assert hyperparameter_texts(given) == {"depth": "6", "rate": "0.1", "early": "true", "name": "x"}


def test_settings_must_fit_an_argument() -> None:
    """A gate longer than SageMaker's longest argument is refused before it is deployed."""
    metrics = dict.fromkeys(("roc_auc", "average_precision", "log_loss", "brier"), 0.123456)
    gate = Gate.model_validate({"floor": metrics, "champion_tolerance": metrics, "slice_floor": metrics})
    with pytest.raises(DefinitionError, match="SageMaker takes 256"):
        argument_object(gate)
    assert argument_object(Gate())["slice_minimum_rows"] == 500
