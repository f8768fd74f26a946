"""What each resource type needs of who makes it: these actions on these resources, and no other."""

from pathlib import Path
from typing import Any

import pytest
from enforced import ACCOUNT, Enforced, allow
from stack_requests import HERE, TRUST, ended, request

from headrace_local.grammars.template import parsed

PREFIX = "typed"
BUCKET = f"{PREFIX}-bucket"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-role"
GITHUB = "token.actions.githubusercontent.com"
RESOURCES = parsed((Path(__file__).parent / "every_type.yaml").read_text(encoding="utf-8")).resources
# The resources that one refers to.
ON = {
    "Alias": "Key",
    "BucketPolicy": "Bucket",
    "Endpoint": "Network Routes",
    "Machine": "Role",
    "Rule": "Topic",
    "Schedule": "Queue Role",
    "TopicPolicy": "Topic",
}
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
MACHINE_ARN = f"arn:aws:states:{HERE}:stateMachine:{PREFIX}-machine"
TABLE_ARN = f"arn:aws:dynamodb:{HERE}:table/{PREFIX}-table"
ECR_ARN = f"arn:aws:ecr:{HERE}:repository/{PREFIX}-images"
# Resource -> the actions on it, to make and to delete all of the above.
NEEDED = {
    BUCKET_ARN: "s3:CreateBucket s3:DeleteBucket s3:DeleteBucketPolicy s3:PutBucketOwnershipControls "
    "s3:PutBucketPolicy s3:PutBucketPublicAccessBlock s3:PutBucketTagging s3:PutBucketVersioning "
    "s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration",
    ROLE: "iam:CreateRole iam:DeleteRole iam:DeleteRolePolicy iam:GetRole iam:ListRolePolicies iam:PutRolePolicy "
    "iam:TagRole iam:PassRole",
    f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}": "iam:CreateOpenIDConnectProvider iam:DeleteOpenIDConnectProvider",
    f"arn:aws:sns:{HERE}:{PREFIX}-topic": "sns:CreateTopic sns:DeleteTopic sns:SetTopicAttributes sns:Subscribe "
    "sns:TagResource",
    f"arn:aws:logs:{HERE}:log-group:{PREFIX}-log:*": "logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy",
    f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{PREFIX}-board": "cloudwatch:PutDashboard cloudwatch:DeleteDashboards",
    MACHINE_ARN: "states:CreateStateMachine states:DeleteStateMachine states:DescribeStateMachine states:TagResource",
    TABLE_ARN: "dynamodb:CreateTable dynamodb:DeleteTable dynamodb:TagResource dynamodb:UpdateContinuousBackups",
    # These know no resource.
    "*": "kms:CreateKey ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs sns:Unsubscribe",
    f"arn:aws:kms:{HERE}:key/*": "kms:CreateAlias kms:DeleteAlias kms:EnableKeyRotation kms:ScheduleKeyDeletion",
    f"arn:aws:kms:{HERE}:alias/{PREFIX}": "kms:CreateAlias kms:DeleteAlias",
    f"arn:aws:iam::{ACCOUNT}:policy/{PREFIX}-managed": "iam:CreatePolicy iam:DeletePolicy iam:GetPolicy",
    f"arn:aws:sqs:{HERE}:{PREFIX}-queue": "sqs:CreateQueue sqs:DeleteQueue sqs:TagQueue",
    f"arn:aws:events:{HERE}:rule/{PREFIX}-rule": "events:DeleteRule events:DescribeRule events:PutRule events:PutTargets "
    "events:RemoveTargets",
    f"arn:aws:scheduler:{HERE}:schedule/default/{PREFIX}-schedule": "scheduler:CreateSchedule scheduler:DeleteSchedule",
    f"arn:aws:cloudwatch:{HERE}:alarm:{PREFIX}-alarm": "cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm",
    f"arn:aws:sagemaker:{HERE}:model-package-group/{PREFIX}-group": "sagemaker:AddTags "
    "sagemaker:CreateModelPackageGroup sagemaker:DeleteModelPackageGroup sagemaker:DescribeModelPackageGroup",
    f"arn:aws:budgets::{ACCOUNT}:budget/{PREFIX}-budget": "budgets:ModifyBudget budgets:ViewBudget",
    f"arn:aws:ec2:{HERE}:vpc/*": "ec2:CreateRouteTable ec2:CreateSecurityGroup ec2:CreateSubnet ec2:CreateTags "
    "ec2:CreateVpc ec2:CreateVpcEndpoint ec2:DeleteVpc ec2:ModifyVpcAttribute",
    f"arn:aws:ec2:{HERE}:subnet/*": "ec2:AssociateRouteTable ec2:CreateSubnet ec2:DeleteSubnet",
    f"arn:aws:ec2:{HERE}:route-table/*": "ec2:AssociateRouteTable ec2:CreateRouteTable ec2:CreateVpcEndpoint "
    "ec2:DeleteRouteTable ec2:DisassociateRouteTable",
    f"arn:aws:ec2:{HERE}:security-group/*": "ec2:AuthorizeSecurityGroupEgress ec2:CreateSecurityGroup "
    "ec2:DeleteSecurityGroup",
    f"arn:aws:ec2:{HERE}:vpc-endpoint/*": "ec2:CreateVpcEndpoint ec2:DeleteVpcEndpoints",
    ECR_ARN: "ecr:CreateRepository ecr:DeleteRepository ecr:DescribeRepositories ecr:TagResource",
}


def role_with(enforced: Enforced, without: str = "") -> str:
    """Return a service role with what is needed, save one action."""
    statements = [
        allow([action for action in actions.split() if action != without] or ["none:None"], resource)
        for resource, actions in NEEDED.items()
    ]
    return enforced.role(*statements, trust=TRUST)


def test_a_role_with_these_actions_makes_and_deletes_all(enforced: Enforced) -> None:
    """Nothing is missing from the table above."""
    cloudformation = enforced.client("cloudformation")
    cloudformation.create_stack(**request(PREFIX, dict(RESOURCES), RoleARN=role_with(enforced)))
    assert ended(cloudformation, PREFIX) == ("CREATE_COMPLETE", {})
    cloudformation.delete_stack(StackName=(arn := _arn(cloudformation)))
    status, failed = ended(cloudformation, arn)
    assert status == "DELETE_COMPLETE", failed


def _arn(cloudformation: Any) -> str:
    return str(cloudformation.describe_stacks(StackName=PREFIX)["Stacks"][0]["StackId"])


@pytest.mark.parametrize(
    ("resource", "action"),
    [
        ("Bucket", "s3:PutEncryptionConfiguration"),
        ("Bucket", "s3:PutBucketPublicAccessBlock"),
        ("BucketPolicy", "s3:PutBucketPolicy"),
        ("Role", "iam:TagRole"),
        ("Role", "iam:PutRolePolicy"),
        ("Provider", "iam:CreateOpenIDConnectProvider"),
        ("Machine", "iam:PassRole"),
        ("Machine", "states:TagResource"),
        ("Table", "dynamodb:UpdateContinuousBackups"),
        ("Key", "kms:EnableKeyRotation"),
        ("Alias", "kms:CreateAlias"),
        ("Images", "ecr:CreateRepository"),
        ("Dashboard", "cloudwatch:PutDashboard"),
        ("Log", "logs:PutRetentionPolicy"),
        ("Managed", "iam:CreatePolicy"),
        ("TopicPolicy", "sns:SetTopicAttributes"),
        ("Rule", "events:PutTargets"),
        ("Schedule", "iam:PassRole"),
        ("Group", "sagemaker:AddTags"),
        ("Budget", "budgets:ModifyBudget"),
        ("Network", "ec2:CreateTags"),
        ("Endpoint", "ec2:CreateVpcEndpoint"),
    ],
)
def test_a_role_without_one_of_them_fails_at_its_resource(
    enforced: Enforced, resource: str, action: str
) -> None:
    """Each is asked for, by its own name, at the resource that needs it."""
    cloudformation = enforced.client("cloudformation")
    names = [resource, *ON.get(resource, "").split()]
    needed = {name: RESOURCES[name] for name in names}
    stack = f"{PREFIX}-{resource}-{action.replace(':', '-')}"
    cloudformation.create_stack(**request(stack, needed, RoleARN=role_with(enforced, action)))
    status, failed = ended(cloudformation, stack)
    assert status == "ROLLBACK_COMPLETE", failed
    # SNS writes its actions in capitals.
    assert f"is not authorized to perform: {action} on resource: ".lower() in failed[resource].lower()
