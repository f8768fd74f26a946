"""State machines for tests: made with a role of their own, run to their end."""

import json
from itertools import count
from typing import Any

import pytest
from local_jobs import IMAGE, trust
from waiting import wait_for

CREATE_JOB = "arn:aws:states:::sagemaker:createProcessingJob"
_numbers = count(1)


class Machines:
    """Makes state machines from their states, and runs them."""

    def __init__(self, local_aws: Any, account: str | None = None) -> None:
        self._aws = local_aws
        self._account = account
        self.api = local_aws.client("stepfunctions", account)

    def role(self, name: str = "machines") -> str:
        """Return the ARN of a role that Step Functions may assume."""
        iam = self._aws.client("iam", self._account)
        try:
            role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("states"))
        except iam.exceptions.EntityAlreadyExistsException:
            role = iam.get_role(RoleName=name)
        return str(role["Role"]["Arn"])

    def make(self, states: dict[str, Any], **machine: Any) -> str:
        """Return the ARN of a new machine that starts at the first of the states."""
        definition = {"StartAt": next(iter(states)), "States": states} | machine
        made = self.api.create_state_machine(
            name=f"machine-{next(_numbers)}", definition=json.dumps(definition), roleArn=self.role()
        )
        return str(made["stateMachineArn"])

    def start(self, states: dict[str, Any], given: Any = None, **machine: Any) -> str:
        """Return the ARN of a running execution of a new machine."""
        made = self.make(states, **machine)
        return str(
            self.api.start_execution(stateMachineArn=made, input=json.dumps(given or {}))["executionArn"]
        )

    def run(self, states: dict[str, Any], given: Any = None, **machine: Any) -> dict[str, Any]:
        """Return the description of an execution of a new machine, once it has ended."""
        return self.ended(self.start(states, given, **machine))

    def output(self, states: dict[str, Any], given: Any = None, **machine: Any) -> Any:
        """Return the output of an execution that has to succeed."""
        ended = self.run(states, given, **machine)
        assert ended["status"] == "SUCCEEDED", ended
        return json.loads(ended["output"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Return the description of an execution once it has ended."""
        return wait_for(
            lambda: self.api.describe_execution(executionArn=execution), lambda it: it["status"] != "RUNNING"
        )

    def history(self, execution: str, **options: Any) -> list[dict[str, Any]]:
        return list(self.api.get_execution_history(executionArn=execution, **options)["events"])

    def kinds(self, execution: str, until: str | None = None) -> list[str]:
        """Return the kinds of an execution's events, once there is one of the kind `until`."""

        def kinds() -> list[str]:
            return [event["type"] for event in self.history(execution, maxResults=1000)]

        return list(wait_for(kinds, lambda found: until is None or until in found))


class Jobs:
    """Steps that run a line of Python as a processing job, and what SageMaker says of their jobs."""

    name = "States.Format('{}-{}-{}', $.name, States.Hash($$.Execution.Id, 'MD5'), $$.State.RetryCount)"

    def __init__(self, local_aws: Any) -> None:
        self._api = local_aws.client("sagemaker")
        iam = local_aws.client("iam")
        role = iam.create_role(RoleName="steps-jobs", AssumeRolePolicyDocument=trust("sagemaker"))
        self.role = str(role["Role"]["Arn"])

    def step(self, code: str, resource: str = f"{CREATE_JOB}.sync", **more: Any) -> dict[str, Any]:
        """Return a state whose job has `$.name` as the first part of its name."""
        parameters = {
            "ProcessingJobName.$": self.name,
            "RoleArn": self.role,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python", "-c", code]},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
            },
        }
        return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True} | more

    def named(self, name: str) -> list[dict[str, Any]]:
        found = self._api.list_processing_jobs(NameContains=name, SortBy="Name", MaxResults=100)
        return list(found["ProcessingJobSummaries"])

    def wait(self, name: str, status: str, count: int = 1) -> None:
        """Return once there are `count` jobs of the name, all of the status."""
        wait_for(
            lambda: [job["ProcessingJobStatus"] for job in self.named(name)],
            lambda statuses: statuses == [status] * count,
        )


@pytest.fixture(scope="session")
def machines(local_aws: Any) -> Machines:
    return Machines(local_aws)


@pytest.fixture(scope="session")
def machines_elsewhere(local_aws: Any) -> Machines:
    """State machines in another account of the same server."""
    return Machines(local_aws, "444455556666")


@pytest.fixture(scope="session")
def jobs(local_aws: Any) -> Jobs:
    return Jobs(local_aws)
