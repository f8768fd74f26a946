"""Job steps: a state waits for its job, fails as AWS does when the job fails, and stops it when it ends early."""

import json
import time
from typing import Any

from local_jobs import IMAGE


def test_a_step_gives_the_description_of_its_job(machines: Any, jobs: Any) -> None:
    """The result of `.sync` is what DescribeProcessingJob says, its times in milliseconds."""
    before = time.time() * 1000
    output = machines.output({"Run": jobs.step("pass")}, {"name": "fine"})
    assert output["ProcessingJobStatus"] == "Completed"
    assert before - 1000 < output["CreationTime"] <= output["ProcessingEndTime"] < time.time() * 1000 + 1000


def test_a_training_step_gives_where_the_artefact_is(machines: Any, local_aws: Any, jobs: Any) -> None:
    """The result of createTrainingJob.sync has ModelArtifacts, and the file is there."""
    local_aws.client("s3").create_bucket(Bucket="steps")
    code = "import os; open(os.environ['SAGEMAKER_BASE_DIR'] + '/model/model.json', 'w').write('{}')"
    step = jobs.step("", "arn:aws:states:::sagemaker:createTrainingJob.sync")
    step["Parameters"] = {
        "TrainingJobName.$": jobs.name,
        "RoleArn": jobs.role,
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python", "-c", code],
        },
        "OutputDataConfig": {"S3OutputPath": "s3://steps/train/"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    output = machines.output({"Train": step}, {"name": "train"})
    artefact = output["ModelArtifacts"]["S3ModelArtifacts"]
    assert artefact == f"s3://steps/train/{output['TrainingJobName']}/output/model.tar.gz"
    assert local_aws.client("s3").head_object(Bucket="steps", Key=artefact.removeprefix("s3://steps/"))


def test_a_machine_of_a_stack_runs(machines: Any, local_aws: Any) -> None:
    """A machine that CloudFormation made is one that the API finds and starts."""
    definition = {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "Result": "done", "End": True}}}
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {"RoleArn": machines.role(), "DefinitionString": json.dumps(definition)},
    }
    template = {"Resources": {"Machine": machine}, "Outputs": {"Arn": {"Value": {"Ref": "Machine"}}}}
    stacks = local_aws.client("cloudformation")
    stacks.create_stack(StackName="of-a-machine", TemplateBody=json.dumps(template))
    (stack,) = stacks.describe_stacks(StackName="of-a-machine")["Stacks"]
    arn = stack["Outputs"][0]["OutputValue"]
    ended = machines.ended(machines.api.start_execution(stateMachineArn=arn)["executionArn"])
    assert json.loads(ended["output"]) == "done"


def test_without_sync_a_step_does_not_wait(machines: Any, local_aws: Any, jobs: Any) -> None:
    """CreateProcessingJob alone gives the ARN of a job that still runs."""
    step = jobs.step("import time; time.sleep(60)", "arn:aws:states:::sagemaker:createProcessingJob")
    output = machines.output({"Run": step}, {"name": "step-alone"})
    (job,) = jobs.named("step-alone")
    assert output == {"ProcessingJobArn": job["ProcessingJobArn"]}
    assert job["ProcessingJobStatus"] in {"InProgress", "Starting"}
    local_aws.client("sagemaker").stop_processing_job(ProcessingJobName=job["ProcessingJobName"])


def test_a_failed_job_fails_the_state(machines: Any, jobs: Any) -> None:
    """The error is States.TaskFailed, its cause the job's description as JSON."""
    ended = machines.run({"Run": jobs.step("raise SystemExit(3)")}, {"name": "failing"})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    cause = json.loads(ended["cause"])
    assert cause["ProcessingJobStatus"] == "Failed"
    assert cause["FailureReason"]


def test_a_retried_step_has_a_new_job_name(machines: Any, jobs: Any) -> None:
    """Three attempts are three jobs, told apart by $$.State.RetryCount."""
    retry = [
        {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxDelaySeconds": 2, "MaxAttempts": 1}
    ]
    machines.run({"Run": jobs.step("raise SystemExit(3)", Retry=retry)}, {"name": "step-retried"})
    names = [job["ProcessingJobName"] for job in jobs.named("step-retried")]
    assert [name.rsplit("-", 1)[1] for name in names] == ["0", "1"]


def test_a_job_name_in_use_is_named_so(machines: Any, jobs: Any) -> None:
    """A second job of the name is SageMaker.ResourceInUseException."""
    step = jobs.step("pass")
    step["Parameters"].pop("ProcessingJobName.$")
    step["Parameters"]["ProcessingJobName"] = "step-twice"
    first, second = (machines.run({"Run": step}) for _ in range(2))
    assert first["status"] == "SUCCEEDED"
    assert second["error"] == "SageMaker.ResourceInUseException"
    assert "Status Code: 400; Error Code: ResourceInUse" in second["cause"]


def test_other_errors_of_the_api_have_one_name(machines: Any, jobs: Any) -> None:
    """What the API does not model, such as a ValidationException, is SageMaker.AmazonSageMakerException."""
    step = jobs.step("pass")
    step["Parameters"]["RoleArn"] = "arn:aws:iam::000000000000:role/nobody"
    ended = machines.run({"Run": step}, {"name": "nobody"})
    assert ended["error"] == "SageMaker.AmazonSageMakerException"


def test_stopping_an_execution_stops_its_job(machines: Any, jobs: Any) -> None:
    """StopExecution ends the job that runs, and no Catch takes it for a failure."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    states = {
        "Run": jobs.step("import time; time.sleep(60)", Catch=catch),
        "Caught": {"Type": "Succeed"},
    }
    execution = machines.start(states, {"name": "step-stopped"})
    jobs.wait("step-stopped", "InProgress")
    machines.api.stop_execution(executionArn=execution, cause="enough")
    assert machines.api.describe_execution(executionArn=execution)["status"] == "ABORTED"
    jobs.wait("step-stopped", "Stopped")
    assert "Caught" not in json.dumps(machines.history(execution), default=str)
    assert machines.api.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_a_state_that_times_out_stops_its_job(machines: Any, jobs: Any) -> None:
    """TimeoutSeconds of a state is States.Timeout, can be caught, and ends the job."""
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Caught"}]
    step = jobs.step("import time; time.sleep(60)", Catch=catch, TimeoutSeconds=1)
    output = machines.output({"Run": step, "Caught": {"Type": "Succeed"}}, {"name": "step-late"})
    assert output["Error"] == "States.Timeout"
    jobs.wait("step-late", "Stopped")


def test_a_branch_that_fails_stops_the_jobs_beside_it(machines: Any, jobs: Any) -> None:
    """A job in another branch of a failed Parallel does not run on."""
    branches = [
        {"StartAt": "Run", "States": {"Run": jobs.step("import time; time.sleep(60)")}},
        {
            "StartAt": "Wait",
            "States": {
                "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Break"},
                "Break": {"Type": "Fail", "Error": "Own.Error"},
            },
        },
    ]
    ended = machines.run(
        {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}, {"name": "step-beside"}
    )
    assert ended["error"] == "Own.Error"
    jobs.wait("step-beside", "Stopped")
