"""The roles of the stacks, on a local AWS that enforces IAM: all other tests here show that they are enough."""

import json
from typing import Any

from headrace_aws.testing.forks import Fork


def test_a_statement_less_is_a_failed_run_that_says_what_is_missing(fork: Fork) -> None:
    """Jobs that may no longer read objects end the run with S3's AccessDenied: the job, its role, the object."""
    iam = fork.client("iam")
    role = next(each["RoleName"] for each in iam.list_roles()["Roles"] if "JobRole" in each["RoleName"])
    name = iam.list_role_policies(RoleName=role)["PolicyNames"][0]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(without_reading(policy)))
    done = fork.train()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "AccessDenied" in done.stdout
    cause = json.loads(fork.runs("training")[-1]["cause"])
    assert cause["ProcessingJobName"] in done.stdout
    assert (
        f"User: arn:aws:sts::000000000000:assumed-role/{role}/SageMaker is not authorized to perform: s3:GetObject "
        f'on resource: "arn:aws:s3:::{fork.bucket}/toy/raw/'
    ) in cause["FailureReason"]


def without_reading(policy: dict[str, Any]) -> dict[str, Any]:
    """Return a policy without the statements that allow s3:GetObject."""
    kept = [each for each in policy["Statement"] if "s3:GetObject" not in each["Action"]]
    assert len(kept) < len(policy["Statement"])
    return policy | {"Statement": kept}
