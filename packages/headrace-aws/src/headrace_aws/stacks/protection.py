"""Protection of stacks in environments with `protected = true`: none is deleted, and no state is replaced.

Termination protection keeps the stack. A stack policy, which CloudFormation applies to every update, keeps what has
state. Both are set before a stack is updated, and after it was created.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from headrace import strict_json
from headrace_aws.session import AwsSession
from headrace_aws.stacks.deployed import deployed_stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# Types whose replacement would lose data.
STATEFUL_TYPES = (
    "AWS::DynamoDB::Table",
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SageMaker::ModelPackageGroup",
    "AWS::SNS::Topic",  # people confirmed their subscription to it
)
_ANYTHING: dict[str, Any] = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
_NO_LOSS: dict[str, Any] = {
    "Effect": "Deny",
    "Action": ["Update:Replace", "Update:Delete"],
    "Principal": "*",
    "Resource": "*",
    "Condition": {"StringEquals": {"ResourceType": list(STATEFUL_TYPES)}},
}
GUARDED = {"Statement": [_ANYTHING, _NO_LOSS]}
OPEN = {"Statement": [_ANYTHING]}  # the same as no policy, which can be replaced but not removed


def protect(aws: AwsSession, name: str, *, protected: bool, say: Callable[[str], None]) -> None:
    """Set or remove the protection of an existing stack; say what was changed."""
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    stack = deployed_stack(aws, name)
    if stack and stack.protected != protected:
        cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=protected)
        say(f"{name}: {'can no longer be deleted' if protected else 'can be deleted again'}")
    policy = cloudformation.get_stack_policy(StackName=name).get("StackPolicyBody")
    desired = GUARDED if protected else OPEN
    if (strict_json.loads(policy, "the stack policy") if policy else OPEN) != desired:
        cloudformation.set_stack_policy(StackName=name, StackPolicyBody=strict_json.dumps(desired))
        say(f"{name}: what has state {'is not replaced any more' if protected else 'may be replaced again'}")
