"""The training pipeline's own data flow, run by the local AWS's state machine; see `running`."""

import json
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import pytest

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.run_input import checked_input
from headrace_aws.session import aws_session
from pipelines import cross_validation, inference, quality
from pipelines import training as training_pipeline
from tests.pipelines.running import ACCOUNT, Runs

if TYPE_CHECKING:
    from headrace_local.testing import LocalAws

BUCKET = f"pipeline-tests-data-{ACCOUNT}"
JUDGED = {
    "verdict": {
        "passed": True,
        "compared": True,
        "decision": "pass",
        "summary": "Better than the floor.",
        "rules": [],
    },
    "metrics": {"rows": 10, "roc_auc": 0.7},
    "model": {
        "data_fingerprint": "sha256:d1",
        "code_fingerprint": "sha256:c1",
        "hyperparameters": {"max_depth": "4"},
    },
}


@pytest.fixture(scope="module")
def training(local_aws: "LocalAws") -> Runs:
    return Runs(local_aws, training_pipeline, "pipeline-tests")


def test_an_empty_input_runs_on_the_defaults(training: Runs) -> None:
    """`{}` gives the settings of project.toml and the model's own raw folder."""
    ended = training.run("Set defaults", {}, until="Merge input")
    output = json.loads(ended["output"])
    model = load_project().model(training.model)
    assert output["raw"] == f"s3://{BUCKET}/{training.model}/raw/"
    assert output["split"] == model.split.model_dump()
    assert output["gate"] == model.gate.model_dump()
    assert output["hyperparameters"] == model.hyperparameters


def test_the_input_is_merged_over_the_defaults(training: Runs) -> None:
    """What a person gives wins key by key, at every depth; what is not given stays."""
    given = {
        "hyperparameters": {"max_depth": "3"},
        "raw": "s3://elsewhere/raw/",
        "split": {"test": 0.5},
        "gate": {"floor": {"roc_auc": 0.9}},
    }
    output = json.loads(training.run("Set defaults", given, until="Merge input")["output"])
    model = load_project().model(training.model)
    assert output["hyperparameters"] == {**model.hyperparameters, "max_depth": "3"}
    assert output["raw"] == "s3://elsewhere/raw/"
    assert output["split"] == {**model.split.model_dump(), "test": 0.5}
    gate = model.gate
    assert len(gate.floor) > 1
    assert output["gate"] == {**gate.model_dump(), "floor": {**gate.floor, "roc_auc": 0.9}}


@pytest.mark.parametrize(
    ("pipeline", "given"),
    [
        (
            training_pipeline,
            {"gate": {"floor": {"brier": 0.3}, "slice_minimum_rows": 9}, "split": {"test": 0.3}},
        ),
        (quality, {"limits": {"tolerance": {"roc_auc": 0.2}, "minimum_rows": 9}}),
        (inference, {"window": {"days": 1}, "limits": {"psi": 0.3}}),
        (cross_validation, {"folds": {"folds": 3}, "search": {"grid": {"max_depth": [2, 3]}}}),
    ],
    ids=lambda value: value.NAME if isinstance(value, ModuleType) else "",
)
def test_the_same_input_has_the_same_effect_from_the_command_and_from_the_console(
    local_aws: "LocalAws", pipeline: ModuleType, given: dict[str, Any]
) -> None:
    """The command sends what it was given, so one state machine merges both."""
    project = load_project()
    runs = Runs(local_aws, pipeline, f"input-{pipeline.NAME}")
    aws = aws_session(project, LOCAL, local_aws.home)
    sent = checked_input(DeployedPipeline(aws, project, runs.model, pipeline.NAME), given)
    by_command, by_console = (
        json.loads(runs.run("Set defaults", each, until="Merge input")["output"]) for each in (sent, given)
    )
    assert by_command == by_console


def test_a_failed_job_is_recorded_and_its_error_raised_again(training: Runs) -> None:
    """The execution fails with the job's own error and cause; the record says when, what and why; no retry."""
    ended = training.run("Set defaults", {})
    assert ended["status"] == "FAILED"
    assert ended["error"] == "States.TaskFailed"
    assert "no-such-image" in ended["cause"]
    record = training.record(ended["executionArn"])
    assert record["model"] == training.model
    assert record["run"].endswith(f"#{ended['name']}")
    assert record["status"] == "failed"
    assert record["error"] == "States.TaskFailed"
    assert record["cause"] == ended["cause"]
    assert record["commit"] == "0123abc"
    assert record["started_at"] < record["ended_at"]
    events = training.aws.client("stepfunctions").get_execution_history(executionArn=ended["executionArn"])
    entered = [event for event in events["events"] if event["type"] == "TaskStateEntered"]
    names = [event["stateEnteredEventDetails"]["name"] for event in entered]
    assert names == ["Take the lock", "Prepare data", "Record failure", "Notify failure"]


def test_a_failure_is_raised_even_if_it_cannot_be_recorded(training: Runs) -> None:
    """Without table and topic the execution still ends with the error that it failed by."""
    given = {
        "trigger": "person",
        "hyperparameters": {},
        "unexplained": {"Error": "Unknown", "Cause": "The failing state gave no cause."},
        "error": {"Error": "Job.Broken"},
    }
    missing = {"RunTable": "no-such-table", "TopicArn": f"{training.topic}-no"}
    ended = training.run("Explain failure", given, retries=False, **missing)
    assert (ended["status"], ended["error"]) == ("FAILED", "Job.Broken")
    assert ended["cause"] == "The failing state gave no cause."


@pytest.mark.parametrize("passed", [True, False])
def test_the_verdict_decides(training: Runs, *, passed: bool) -> None:
    """A model that passes is registered with its lineage; one that fails is explained; both are recorded."""
    name = f"verdict-{passed}".lower()
    judged = {**JUDGED, "verdict": {**cast("dict[str, Any]", JUDGED["verdict"]), "passed": passed}}
    folder = f"{training.model}/runs/training/{name}"
    training.aws.client("s3").put_object(
        Bucket=BUCKET, Key=f"{folder}/evaluate/evaluation/evaluation.json", Body=json.dumps(judged).encode()
    )
    artefact = f"s3://{BUCKET}/{folder}/train/job/output/model.tar.gz"
    ended = training.run("Read evaluation", {"trigger": "person", "train": {"artefact": artefact}}, name=name)
    assert ended["status"] == "SUCCEEDED", ended
    output = json.loads(ended["output"])
    record = training.record(ended["executionArn"])
    evaluation = f"s3://{BUCKET}/{folder}/evaluate/evaluation/evaluation.json"
    assert output["decision"] == record["status"] == ("registered" if passed else "refused")
    assert output["artefact"] == artefact
    assert output["evaluation"] == evaluation
    assert output["report"] == record["report"] == f"s3://{BUCKET}/{folder}/evaluate/report/report.html"
    assert output["metrics"] == json.loads(record["metrics"]) == judged["metrics"]
    assert output["verdict"] == json.loads(record["verdict"]) == judged["verdict"]
    assert ("model_package_arn" in output) is ("model_package_arn" in record) is passed
    if passed:
        package = training.aws.client("sagemaker").describe_model_package(
            ModelPackageName=output["model_package_arn"]
        )
        assert package["ModelApprovalStatus"] == "Approved"
        assert package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == artefact
        assert package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] == evaluation
        assert package["CustomerMetadataProperties"] == {
            "commit": "0123abc",
            "execution": ended["executionArn"],
            "data_fingerprint": "sha256:d1",
            "code_fingerprint": "sha256:c1",
        }


def test_a_model_that_could_not_be_compared_is_left_to_a_person(training: Runs) -> None:
    """Where an approved model is not comparable, one that passes waits for approval, whatever the environment says."""
    judged = {**JUDGED, "verdict": {**cast("dict[str, Any]", JUDGED["verdict"]), "compared": False}}
    training.aws.client("s3").put_object(
        Bucket=BUCKET,
        Key=f"{training.model}/runs/training/incomparable/evaluate/evaluation/evaluation.json",
        Body=json.dumps(judged).encode(),
    )
    artefact = f"s3://{BUCKET}/model.tar.gz"
    given = {"trigger": "person", "train": {"artefact": artefact}}
    ended = training.run("Read evaluation", given, name="incomparable")
    package = training.aws.client("sagemaker").describe_model_package(
        ModelPackageName=json.loads(ended["output"])["model_package_arn"]
    )
    assert package["ModelApprovalStatus"] == "PendingManualApproval"


def compact(described: dict[str, str]) -> str:
    """Return what Step Functions gives as a cause: the description of the job, without spaces."""
    return json.dumps(described, separators=(",", ":"))


@pytest.mark.parametrize(
    ("waits", "cause", "attempts"),
    [
        (0, "CapacityError: Unable to provision requested ML compute capacity.", ["-1-0"]),
        (4, "CapacityError: Unable to provision requested ML compute capacity.", []),
        (0, "AlgorithmError: column 'age' is missing", []),
        (0, "AlgorithmError: CapacityError: a job may say so too", []),
    ],
    ids=["first wait", "waited enough", "our own failure", "our own words"],
)
def test_only_a_lack_of_machines_starts_the_job_again(
    training: Runs, waits: int, cause: str, attempts: list[str]
) -> None:
    """After CapacityError the job is started under a new name; our own failure and a fifth wait end the run."""
    given = {
        "trigger": "person",
        "raw": f"s3://{BUCKET}/raw/",
        "hyperparameters": {},
        "split": {},
        "gate": {},
        "capacity": {"waits": waits, "seconds": 0, "suffix": ""},
        "unexplained": {"Error": "Unknown", "Cause": "The failing state gave no cause."},
        "error": {"Error": "States.TaskFailed", "Cause": compact({"FailureReason": cause})},
    }
    ended = training.run("Out of capacity?", given)
    assert ended["status"] == "FAILED"
    names = [it.get("ProcessingJobName") for it in scheduled_tasks(training, ended)]
    assert [name[-4:] for name in names if name] == attempts


def scheduled_tasks(training: Runs, ended: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of each task of an execution, in their order."""
    events = training.aws.client("stepfunctions").get_execution_history(executionArn=ended["executionArn"])
    details = [event.get("taskScheduledEventDetails") for event in events["events"]]
    return [json.loads(each["parameters"]) for each in details if each]


def test_the_newest_approved_model_is_the_champion(training: Runs) -> None:
    """Of three versions the second is newest among the approved: its artefact is what the evaluation is given."""
    group = training.aws.client("sagemaker").create_model_package_group(
        ModelPackageGroupName="pipeline-champions"
    )
    assert group["ModelPackageGroupArn"].endswith("/pipeline-champions")
    for name, status in (("old", "Approved"), ("new", "Approved"), ("waiting", "PendingManualApproval")):
        container = {
            "Image": training.values["ImageUri"],
            "ModelDataUrl": f"s3://{BUCKET}/{name}/model.tar.gz",
        }
        training.aws.client("sagemaker").create_model_package(
            ModelPackageGroupName="pipeline-champions",
            ModelApprovalStatus=status,
            InferenceSpecification={
                "Containers": [container],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )
    given = {
        "trigger": "person",
        "hyperparameters": {},
        "gate": {},
        "capacity": {"waits": 4, "seconds": 0, "suffix": ""},
        "unexplained": {"Error": "Unknown", "Cause": "The failing state gave no cause."},
        "train": {"artefact": f"s3://{BUCKET}/own/model.tar.gz"},
    }
    ended = training.run("Find champion", given, ModelPackageGroup="pipeline-champions")
    assert "no-such-image" in ended["cause"]
    first = next(it for it in scheduled_tasks(training, ended) if "ProcessingInputs" in it)
    inputs = {it["InputName"]: it["S3Input"]["S3Uri"] for it in first["ProcessingInputs"]}
    assert inputs["champion"] == f"s3://{BUCKET}/new/model.tar.gz"
    assert inputs["model"] == f"s3://{BUCKET}/own/model.tar.gz"
