"""What each resource type needs of who makes it: these actions on these resources, and no other."""

import json
from typing import Any

import pytest
from enforced import ACCOUNT, REGION, Enforced, allow
from stack_requests import HERE, TRUST, ended, request

PREFIX = "typed"
BUCKET = f"{PREFIX}-bucket"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{PREFIX}-role"
GITHUB = "token.actions.githubusercontent.com"
TAGS = [{"Key": "Project", "Value": "x"}]
DOCUMENT = {"Version": "2012-10-17", "Statement": [allow("sqs:ListQueues")]}
STATES_TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": ["states.amazonaws.com", "scheduler.amazonaws.com"]},
    "Action": "sts:AssumeRole",
}
RESOURCES: dict[str, Any] = {
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketName": BUCKET,
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "VersioningConfiguration": {"Status": "Enabled"},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 1}]},
            "Tags": TAGS,
        },
    },
    "BucketPolicy": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": f"arn:aws:s3:::{BUCKET}/*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    },
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": f"{PREFIX}-role",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [STATES_TRUST]},
            "Policies": [{"PolicyName": "own", "PolicyDocument": DOCUMENT}],
            "Tags": TAGS,
        },
    },
    "Provider": {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {"Url": f"https://{GITHUB}", "ClientIdList": ["sts.amazonaws.com"]},
    },
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": f"{PREFIX}-topic", "Tags": TAGS}},
    "Log": {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": f"{PREFIX}-log", "RetentionInDays": 7},
    },
    "Dashboard": {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": f"{PREFIX}-board", "DashboardBody": '{"widgets": []}'},
    },
    "Machine": {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": f"{PREFIX}-machine",
            "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
            "DefinitionString": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
            "Tags": TAGS,
        },
    },
    "Table": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": f"{PREFIX}-table",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "Tags": TAGS,
        },
    },
    "Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}},
    "Alias": {
        "Type": "AWS::KMS::Alias",
        "Properties": {"AliasName": f"alias/{PREFIX}", "TargetKeyId": {"Ref": "Key"}},
    },
    "Managed": {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": f"{PREFIX}-managed", "PolicyDocument": DOCUMENT},
    },
    "TopicPolicy": {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {
            "Topics": [{"Ref": "Topic"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": {"Ref": "Topic"},
                    }
                ],
            },
        },
    },
    "Subscription": {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "a@example.com"},
    },
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{PREFIX}-queue", "Tags": TAGS}},
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": f"{PREFIX}-rule",
            "EventPattern": {"source": ["x"]},
            "Targets": [{"Id": "t", "Arn": {"Ref": "Topic"}}],
        },
    },
    "Schedule": {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Name": f"{PREFIX}-schedule",
            "ScheduleExpression": "rate(1 day)",
            "State": "DISABLED",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": f"{PREFIX}-alarm",
            "MetricName": "M",
            "Namespace": "N",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
    },
    "Group": {
        "Type": "AWS::SageMaker::ModelPackageGroup",
        "Properties": {"ModelPackageGroupName": f"{PREFIX}-group", "Tags": TAGS},
    },
    "Budget": {
        "Type": "AWS::Budgets::Budget",
        "Properties": {
            "Budget": {
                "BudgetName": f"{PREFIX}-budget",
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": 10, "Unit": "USD"},
            }
        },
    },
    "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16", "Tags": TAGS}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": {"Ref": "Network"}, "CidrBlock": "10.9.1.0/24"},
    },
    "Routes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Network"}}},
    "Association": {
        "Type": "AWS::EC2::SubnetRouteTableAssociation",
        "Properties": {"RouteTableId": {"Ref": "Routes"}, "SubnetId": {"Ref": "Subnet"}},
    },
    "Wall": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "g", "VpcId": {"Ref": "Network"}},
    },
    "Endpoint": {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcId": {"Ref": "Network"},
            "ServiceName": f"com.amazonaws.{REGION}.s3",
            "RouteTableIds": [{"Ref": "Routes"}],
        },
    },
    "Images": {
        "Type": "AWS::ECR::Repository",
        "Properties": {"RepositoryName": f"{PREFIX}-images", "Tags": TAGS},
    },
}
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
    cloudformation.create_stack(**request(PREFIX, RESOURCES, RoleARN=role_with(enforced)))
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
