"""What the operations of AWS need, as its service authorization reference has it: data, and nothing else.

A service is named as in its actions. The action of an operation is its own name, and its resource `*`, unless a table
says otherwise. A resource is written as the last part of its ARN, the account's and region's parts being those of the
request. `{Name}` stands for a parameter, whose value may be a whole ARN; `{Name|x}` is x when it is missing, `{Name}` an
asterisk then. `Targets[].Arn` is a path: the member Arn of each of the list Targets; `keys()` ends one in the keys of a
map. What is written with more than its name and parameters, S3 and DynamoDB, has modules of its own.
"""

from collections.abc import Mapping

# Service -> resource -> the operations on it. Of several resources of one operation each has to be allowed.
RESOURCES: Mapping[str, Mapping[str, str]] = {
    "cloudformation": {
        "stack/{StackName}/*": "CancelUpdateStack ContinueUpdateRollback CreateChangeSet CreateStack DeleteChangeSet "
        "DeleteStack DescribeChangeSet DescribeStackEvents DescribeStackResource DescribeStackResources "
        "DescribeStacks DetectStackDrift ExecuteChangeSet GetStackPolicy GetTemplate GetTemplateSummary "
        "ListChangeSets ListStackResources RollbackStack SetStackPolicy UpdateStack UpdateTerminationProtection",
    },
    "cloudwatch": {
        "alarm:{AlarmName}": "PutMetricAlarm SetAlarmState",
        "alarm:{AlarmNames[]}": "DeleteAlarms DescribeAlarms DisableAlarmActions EnableAlarmActions",
        "{ResourceARN}": "ListTagsForResource TagResource UntagResource",
    },
    "events": {
        "rule/{EventBusName|}/{Name}": "DeleteRule DescribeRule DisableRule EnableRule PutRule",
        "rule/{EventBusName|}/{Rule}": "ListTargetsByRule PutTargets RemoveTargets",
        "event-bus/{Entries[].EventBusName|default}": "PutEvents",
        "{ResourceARN}": "ListTagsForResource TagResource UntagResource",
    },
    "iam": {
        "role/{RoleName}": "AttachRolePolicy CreateRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy "
        "DetachRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies ListRoleTags "
        "PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole",
        "policy/{PolicyName}": "CreatePolicy",
        "{PolicyArn}": "CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion "
        "ListPolicyVersions SetDefaultPolicyVersion",
        "user/{UserName}": "AttachUserPolicy CreateAccessKey CreateUser DeleteAccessKey DeleteUser DeleteUserPolicy "
        "DetachUserPolicy GetUser GetUserPolicy ListAccessKeys PutUserPolicy",
    },
    "kms": {
        "key/{KeyId}": "CreateGrant Decrypt DescribeKey DisableKey EnableKey EnableKeyRotation Encrypt "
        "GenerateDataKey GenerateDataKeyWithoutPlaintext GetKeyPolicy GetKeyRotationStatus ListGrants "
        "ListKeyPolicies ListResourceTags PutKeyPolicy RetireGrant RevokeGrant ScheduleKeyDeletion TagResource "
        "UntagResource UpdateKeyDescription",
        "key/{TargetKeyId}": "CreateAlias UpdateAlias",
        "{AliasName}": "CreateAlias DeleteAlias UpdateAlias",
    },
    "lambda": {
        "function:{FunctionName}": "CreateFunction DeleteFunction GetFunction Invoke UpdateFunctionCode "
        "UpdateFunctionConfiguration",
    },
    "logs": {
        "log-group:{logGroupName}:log-stream:": "CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DescribeLogStreams "
        "FilterLogEvents PutRetentionPolicy PutSubscriptionFilter",
        "log-group:{logGroupName}:log-stream:{logStreamName}": "CreateLogStream DeleteLogStream GetLogEvents "
        "PutLogEvents",
        "log-group::log-stream:": "DescribeLogGroups",
        "{resourceArn}": "ListTagsForResource TagResource UntagResource",
    },
    "sagemaker": {
        "processing-job/{ProcessingJobName}": "CreateProcessingJob DeleteProcessingJob DescribeProcessingJob "
        "StopProcessingJob",
        "training-job/{TrainingJobName}": "CreateTrainingJob DeleteTrainingJob DescribeTrainingJob StopTrainingJob "
        "UpdateTrainingJob",
        "transform-job/{TransformJobName}": "CreateTransformJob DescribeTransformJob StopTransformJob",
        "hyper-parameter-tuning-job/{HyperParameterTuningJobName}": "CreateHyperParameterTuningJob "
        "DescribeHyperParameterTuningJob ListTrainingJobsForHyperParameterTuningJob StopHyperParameterTuningJob",
        "model/{ModelName}": "CreateModel DeleteModel DescribeModel",
        "endpoint-config/{EndpointConfigName}": "CreateEndpoint CreateEndpointConfig DeleteEndpointConfig "
        "DescribeEndpointConfig UpdateEndpoint",
        "endpoint/{EndpointName}": "CreateEndpoint DeleteEndpoint DescribeEndpoint InvokeEndpoint "
        "InvokeEndpointAsync UpdateEndpoint UpdateEndpointWeightsAndCapacities",
        "model-package-group/{ModelPackageGroupName}": "CreateModelPackageGroup DeleteModelPackageGroup "
        "DescribeModelPackageGroup ListModelPackages",
        # A new version of a group has no number yet.
        "model-package/{ModelPackageGroupName}/*": "CreateModelPackage",
        "model-package/{ModelPackageName}": "DeleteModelPackage DescribeModelPackage",
        "{ModelPackageArn}": "UpdateModelPackage",
        "{ModelPackageArnList[]}": "BatchDescribeModelPackage",
        "pipeline/{PipelineName}": "CreatePipeline DeletePipeline DescribePipeline StartPipelineExecution "
        "UpdatePipeline",
        "experiment/{ExperimentName}": "CreateExperiment DeleteExperiment DescribeExperiment UpdateExperiment",
        "experiment-trial/{TrialName}": "CreateTrial DeleteTrial DescribeTrial UpdateTrial",
        "monitoring-schedule/{MonitoringScheduleName}": "CreateMonitoringSchedule DeleteMonitoringSchedule "
        "DescribeMonitoringSchedule StartMonitoringSchedule StopMonitoringSchedule UpdateMonitoringSchedule",
        "{ResourceArn}": "AddTags DeleteTags ListTags",
    },
    "scheduler": {
        "schedule/{GroupName|default}/{Name}": "CreateSchedule DeleteSchedule GetSchedule UpdateSchedule",
        "schedule-group/{Name}": "CreateScheduleGroup DeleteScheduleGroup GetScheduleGroup",
        "{ResourceArn}": "ListTagsForResource TagResource UntagResource",
    },
    "sns": {
        "{TopicArn}": "AddPermission ConfirmSubscription DeleteTopic GetTopicAttributes ListSubscriptionsByTopic "
        "Publish PublishBatch RemovePermission SetTopicAttributes Subscribe",
        "{TargetArn}": "Publish",
        "{Name}": "CreateTopic",
        # A subscription's ARN is that of its topic and a number more.
        "{SubscriptionArn}": "GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe",
        "{ResourceArn}": "ListTagsForResource TagResource UntagResource",
    },
    "sqs": {
        "{QueueUrl}": "ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch "
        "DeleteQueue GetQueueAttributes ListQueueTags PurgeQueue ReceiveMessage SendMessage SendMessageBatch "
        "SetQueueAttributes TagQueue UntagQueue",
        "{QueueName}": "CreateQueue GetQueueUrl",
    },
    "ssm": {
        "parameter/{Name}": "DeleteParameter GetParameter GetParameterHistory PutParameter",
        "parameter/{Names[]}": "DeleteParameters GetParameters",
        "parameter/{Path}": "GetParametersByPath",
    },
    "states": {
        "stateMachine:{name}": "CreateStateMachine",
        "{stateMachineArn}": "DeleteStateMachine DescribeStateMachine ListExecutions ListStateMachineAliases "
        "ListStateMachineVersions PublishStateMachineVersion StartExecution StartSyncExecution UpdateStateMachine",
        "{executionArn}": "DescribeExecution DescribeStateMachineForExecution GetExecutionHistory ListMapRuns "
        "RedriveExecution StopExecution",
        "{mapRunArn}": "DescribeMapRun UpdateMapRun",
        "{resourceArn}": "ListTagsForResource TagResource UntagResource",
    },
    "sts": {
        "{RoleArn}": "AssumeRole",
    },
}

# Operations whose action has another name than they have.
ACTIONS: Mapping[str, Mapping[str, str]] = {
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
    "iam": "arn:{partition}:iam::{account}:{resource}",
    "sts": "arn:{partition}:iam::{account}:{resource}",
}

# Where a request hands a role to a service, which takes iam:PassRole: the service, and the paths to the role.
PASSED_ROLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "cloudformation": ("cloudformation.amazonaws.com", ("RoleARN",)),
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

# The action that a request with tags needs besides its own, on the same resource, when it makes a thing.
TAGGING: Mapping[str, str] = {
    "cloudwatch": "TagResource",
    "dynamodb": "TagResource",
    "events": "TagResource",
    "kms": "TagResource",
    "logs": "TagResource",
    "sagemaker": "AddTags",
    "scheduler": "TagResource",
    "sns": "TagResource",
    "sqs": "TagQueue",
    "states": "TagResource",
}

# Condition keys that are parameters of the request.
CONDITION_KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "cloudformation": {
        "cloudformation:RoleArn": ("RoleARN",),
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
