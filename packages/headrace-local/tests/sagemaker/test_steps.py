"""Transform and tuning jobs as states: Step Functions waits for them, and stops them."""

import json
from typing import Any

import pytest
from local_jobs import IMAGE, Jobs, trust
from waiting import wait_for

_SERVING = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ping" else 404)
        self.end_headers()
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.rfile.read(int(self.headers["Content-Length"]))[::-1])
http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def machine_role(jobs: Jobs) -> str:
    """A role that state machines run by."""
    iam = jobs.client("iam")
    role = iam.create_role(RoleName="sagemaker-steps", AssumeRolePolicyDocument=trust("states"))
    return str(role["Role"]["Arn"])


def _ended(jobs: Jobs, role: str, states: dict[str, Any]) -> dict[str, Any]:
    """Run a machine of these states to its end; return the execution."""
    api = jobs.client("stepfunctions")
    first = next(iter(states))
    machine = api.create_state_machine(
        name=f"sagemaker-steps-{first.lower()}",
        definition=json.dumps({"StartAt": first, "States": states}),
        roleArn=role,
    )["stateMachineArn"]
    execution = api.start_execution(stateMachineArn=machine)["executionArn"]
    return dict(
        wait_for(lambda: api.describe_execution(executionArn=execution), lambda it: it["status"] != "RUNNING")
    )


def test_a_model_is_made_and_used(jobs: Jobs, machine_role: str) -> None:
    """createModel, then createTransformJob.sync: the output is there when the next state begins."""
    image = jobs.program("serve", _SERVING)
    jobs.put("step-transform/in/a", "abc")
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": jobs.uri("step-transform/in/")}}
    states: dict[str, Any] = {
        "Create": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createModel",
            "Parameters": {
                "ModelName": "step-model",
                "ExecutionRoleArn": jobs.role,
                "PrimaryContainer": {"Image": IMAGE, "Environment": {"PATH": image}},
            },
            "Next": "Transform",
        },
        "Transform": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createTransformJob.sync",
            "Parameters": {
                "TransformJobName": "step-transform",
                "ModelName": "step-model",
                "TransformInput": {"DataSource": data},
                "TransformOutput": {"S3OutputPath": jobs.uri("step-transform/out/")},
                "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
            },
            "End": True,
        },
    }
    execution = _ended(jobs, machine_role, states)
    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"])["TransformJobStatus"] == "Completed"
    assert jobs.get("step-transform/out/a.out") == b"cba"


def test_a_tuning_job_is_waited_for(jobs: Jobs, machine_role: str) -> None:
    """createHyperParameterTuningJob.sync gives the best training, by its name and its values."""
    train = "print('score=%s;' % json.loads((ml / 'input/config/hyperparameters.json').read_text())['depth'])"
    training = jobs.training("unnamed", "")
    del training["TrainingJobName"]
    training["AlgorithmSpecification"] = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9]+);"}],
    }
    parameters = {
        "HyperParameterTuningJobName": "step-tuning",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Grid",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
            "ResourceLimits": {"MaxParallelTrainingJobs": 2},
            "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "depth", "Values": ["3", "7", "5"]}]},
        },
        "TrainingJobDefinition": training | {"Environment": {"PATH": jobs.program("train", train)}},
    }
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
        "Parameters": parameters,
        "End": True,
    }
    execution = _ended(jobs, machine_role, {"Tune": state})
    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"])["BestTrainingJob"]["TunedHyperParameters"] == {"depth": "7"}
