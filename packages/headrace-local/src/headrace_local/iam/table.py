"""What AWS operations require beside their resources: data, and nothing else. The resources are in `resources`.

A service is named as in its actions. The action of an operation is its own name, unless a table says otherwise. A path
such as `Targets[].Arn` is the member Arn of each of the list Targets; `keys()` ends one in the keys of a map.

Source: AWS's service authorization reference.
"""

from collections.abc import Mapping

# Operations whose action has another name than they have.
ACTIONS: Mapping[str, Mapping[str, str]] = {
    "budgets": {
        **dict.fromkeys(
            (
                "CreateBudget",
                "CreateNotification",
                "CreateSubscriber",
                "DeleteBudget",
                "DeleteNotification",
                "DeleteSubscriber",
                "UpdateBudget",
                "UpdateNotification",
                "UpdateSubscriber",
            ),
            "ModifyBudget",
        ),
        **dict.fromkeys(
            (
                "DescribeBudget",
                "DescribeBudgets",
                "DescribeNotificationsForBudget",
                "DescribeSubscribersForNotification",
            ),
            "ViewBudget",
        ),
    },
    "lambda": {"Invoke": "InvokeFunction"},
    "sns": {"PublishBatch": "Publish"},
    "sqs": {
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
}

# ARNs that are not arn:partition:service:region:account:resource: with {partition}, {region}, {account}, {resource}.
ARNS: Mapping[str, str] = {
    "budgets": "arn:{partition}:budgets::{account}:{resource}",
    "iam": "arn:{partition}:iam::{account}:{resource}",
    "sts": "arn:{partition}:iam::{account}:{resource}",
}

# What an id of EC2 is of, by what it begins with.
KINDS_OF_EC2: Mapping[str, str] = {
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "fl": "vpc-flow-log",
}

# Where a request hands a role to a service, which takes iam:PassRole: the service, and the paths to the role.
PASSED_ROLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "cloudformation": ("cloudformation.amazonaws.com", ("RoleARN",)),
    "ec2": ("vpc-flow-logs.amazonaws.com", ("DeliverLogsPermissionArn",)),
    "events": ("events.amazonaws.com", ("RoleArn", "Targets[].RoleArn")),
    "lambda": ("lambda.amazonaws.com", ("Role",)),
    "logs": ("logs.amazonaws.com", ("roleArn",)),
    "sagemaker": (
        "sagemaker.amazonaws.com",
        (
            "RoleArn",
            "ExecutionRoleArn",
            "MonitoringScheduleConfig.MonitoringJobDefinition.RoleArn",
            "TrainingJobDefinition.RoleArn",
            "TrainingJobDefinitions[].RoleArn",
        ),
    ),
    "scheduler": ("scheduler.amazonaws.com", ("Target.RoleArn",)),
    "states": ("states.amazonaws.com", ("roleArn",)),
}

# The action that a request with tags needs besides its own, on the same resource, when it makes a thing. Of a service
# whose things have actions of their own for it, the operation tells which.
TAGGING: Mapping[str, str | Mapping[str, str]] = {
    "cloudwatch": "TagResource",
    "dynamodb": "TagResource",
    "ec2": "CreateTags",
    "ecr": "TagResource",
    "events": "TagResource",
    "iam": {
        "CreateOpenIDConnectProvider": "TagOpenIDConnectProvider",
        "CreatePolicy": "TagPolicy",
        "CreateRole": "TagRole",
    },
    "kms": "TagResource",
    "logs": "TagResource",
    "sagemaker": "AddTags",
    "scheduler": "TagResource",
    "sns": "TagResource",
    "sqs": "TagQueue",
    "ssm": "AddTagsToResource",
    "states": "TagResource",
}

# Condition keys that are parameters of the request.
CONDITION_KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cloudformation": {
        "cloudformation:ChangeSetName": ("ChangeSetName",),
        "cloudformation:RoleArn": ("RoleARN",),
        "cloudformation:StackPolicyUrl": ("StackPolicyURL",),
        "cloudformation:TemplateUrl": ("TemplateURL",),
    },
    "cloudwatch": {"cloudwatch:namespace": ("Namespace",)},
    "events": {
        "events:detail-type": ("Entries[].DetailType",),
        "events:source": ("Entries[].Source",),
        "events:TargetArn": ("Targets[].Arn",),
    },
    "iam": {"iam:PermissionsBoundary": ("PermissionsBoundary",), "iam:PolicyARN": ("PolicyArn",)},
    "kms": {"kms:EncryptionContextKeys": ("EncryptionContext.keys()",)},
    "sagemaker": {
        "sagemaker:InstanceTypes": (
            "ProcessingResources.ClusterConfig.InstanceType",
            "ProductionVariants[].InstanceType",
            "ResourceConfig.InstanceType",
            "TransformResources.InstanceType",
        ),
        "sagemaker:MaxRuntimeInSeconds": ("StoppingCondition.MaxRuntimeInSeconds",),
        "sagemaker:ModelApprovalStatus": ("ModelApprovalStatus",),
        "sagemaker:NetworkIsolation": ("EnableNetworkIsolation", "NetworkConfig.EnableNetworkIsolation"),
        "sagemaker:OutputKmsKey": ("OutputDataConfig.KmsKeyId", "ProcessingOutputConfig.KmsKeyId"),
        "sagemaker:VolumeKmsKey": (
            "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
            "ResourceConfig.VolumeKmsKeyId",
            "TransformResources.VolumeKmsKeyId",
        ),
        "sagemaker:VpcSecurityGroupIds": (
            "NetworkConfig.VpcConfig.SecurityGroupIds[]",
            "VpcConfig.SecurityGroupIds[]",
        ),
        "sagemaker:VpcSubnets": ("NetworkConfig.VpcConfig.Subnets[]", "VpcConfig.Subnets[]"),
    },
    "sns": {"sns:Endpoint": ("Endpoint",), "sns:Protocol": ("Protocol",)},
    "ssm": {"ssm:Overwrite": ("Overwrite",), "ssm:Recursive": ("Recursive",)},
    "sts": {"sts:ExternalId": ("ExternalId",), "sts:RoleSessionName": ("RoleSessionName",)},
}
