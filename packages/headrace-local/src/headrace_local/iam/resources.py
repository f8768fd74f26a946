"""Which operations of AWS are on which resources, as its service authorization reference has it: data, and nothing else.

A service is named as in its actions. An operation that is not here is on the ARNs among its parameters, or on `*`. A
resource is `*`, or written as the last part of its ARN, the account's and region's parts being those of the request.
`{Name}` stands for a parameter, whose value may be a whole ARN; `{Name|x}` is x when it is missing, `{Name}` an asterisk
then. `Targets[].Arn` is a path: the member Arn of each of the list Targets. What is written with more than its name and
parameters, S3 and DynamoDB, has modules of its own.
"""

from collections.abc import Mapping

# Service -> resource -> the operations on it. Of several resources of one operation each has to be allowed.
RESOURCES: Mapping[str, Mapping[str, str]] = {
    "budgets": {
        "budget/{Budget.BudgetName}": "CreateBudget",
        "budget/{NewBudget.BudgetName}": "UpdateBudget",
        "budget/{BudgetName}": "CreateNotification CreateSubscriber DeleteBudget DeleteNotification DeleteSubscriber "
        "DescribeBudget DescribeNotificationsForBudget DescribeSubscribersForNotification UpdateNotification "
        "UpdateSubscriber",
        "budget/*": "DescribeBudgets",
    },
    "cloudformation": {
        "stack/{StackName}/*": "CancelUpdateStack ContinueUpdateRollback CreateChangeSet CreateStack DeleteChangeSet "
        "DeleteStack DescribeChangeSet DescribeStackEvents DescribeStackResource DescribeStackResources "
        "DescribeStackResourceDrifts DescribeStacks DetectStackDrift DetectStackResourceDrift ExecuteChangeSet GetStackPolicy GetTemplate GetTemplateSummary "
        "ListChangeSets ListStackResources RollbackStack SetStackPolicy UpdateStack UpdateTerminationProtection",
    },
    "cloudwatch": {
        "alarm:{AlarmName}": "PutMetricAlarm SetAlarmState",
        "dashboard/{DashboardName}": "GetDashboard PutDashboard",
        "dashboard/{DashboardNames[]}": "DeleteDashboards",
        "alarm:{AlarmNames[]}": "DeleteAlarms DescribeAlarms DisableAlarmActions EnableAlarmActions",
        "{ResourceARN}": "ListTagsForResource TagResource UntagResource",
    },
    "ec2": {
        "vpc/{VpcId}": "CreateRouteTable CreateSecurityGroup CreateSubnet CreateVpcEndpoint DeleteVpc "
        "DescribeVpcAttribute ModifyVpcAttribute",
        # What is made has no id yet.
        "vpc/*": "CreateVpc",
        "subnet/*": "CreateSubnet",
        "route-table/*": "CreateRouteTable",
        "security-group/*": "CreateSecurityGroup",
        "vpc-endpoint/*": "CreateVpcEndpoint",
        "vpc-flow-log/*": "CreateFlowLogs",
        # A list of what a request does not name is nothing.
        "subnet/{SubnetId[]}": "CreateVpcEndpoint",
        "route-table/{RouteTableId[]}": "CreateVpcEndpoint",
        "security-group/{SecurityGroupId[]}": "CreateVpcEndpoint",
        # An association has no ARN: it is of a route table.
        "route-table/{AssociatedRouteTableId}": "DisassociateRouteTable",
        "vpc-flow-log/{FlowLogId[]}": "DeleteFlowLogs",
        "subnet/{SubnetId}": "AssociateRouteTable DeleteSubnet ModifySubnetAttribute",
        "route-table/{RouteTableId}": "AssociateRouteTable CreateRoute DeleteRoute DeleteRouteTable ReplaceRoute",
        "security-group/{GroupId}": "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress DeleteSecurityGroup "
        "ModifySecurityGroupRules RevokeSecurityGroupEgress RevokeSecurityGroupIngress "
        "UpdateSecurityGroupRuleDescriptionsEgress UpdateSecurityGroupRuleDescriptionsIngress",
        "vpc-endpoint/{VpcEndpointId[]}": "DeleteVpcEndpoints",
        "vpc-endpoint/{VpcEndpointId}": "ModifyVpcEndpoint",
        "{ResourceId[]}": "CreateFlowLogs CreateTags DeleteTags",
    },
    "ecr": {
        "repository/{repositoryName}": "BatchCheckLayerAvailability BatchDeleteImage BatchGetImage "
        "CompleteLayerUpload CreateRepository DeleteLifecyclePolicy DeleteRepository DeleteRepositoryPolicy "
        "DescribeImages DescribeImageScanFindings GetDownloadUrlForLayer GetLifecyclePolicy GetRepositoryPolicy "
        "InitiateLayerUpload ListImages PutImage PutImageScanningConfiguration PutImageTagMutability "
        "PutLifecyclePolicy SetRepositoryPolicy StartImageScan UploadLayerPart",
        "repository/{repositoryNames[]}": "DescribeRepositories",
        "{resourceArn}": "ListTagsForResource TagResource UntagResource",
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
        "oidc-provider/{Url}": "CreateOpenIDConnectProvider",
        "{OpenIDConnectProviderArn}": "AddClientIDToOpenIDConnectProvider DeleteOpenIDConnectProvider "
        "GetOpenIDConnectProvider ListOpenIDConnectProviderTags RemoveClientIDFromOpenIDConnectProvider "
        "TagOpenIDConnectProvider UntagOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint",
        "{PolicyArn}": "CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion "
        "ListEntitiesForPolicy ListPolicyTags ListPolicyVersions SetDefaultPolicyVersion TagPolicy UntagPolicy",
        "user/{UserName}": "AttachUserPolicy CreateAccessKey CreateUser DeleteAccessKey DeleteUser DeleteUserPolicy "
        "DetachUserPolicy GetUser GetUserPolicy ListAccessKeys PutUserPolicy",
    },
    "kms": {
        "*": "CreateKey ListAliases ListKeys",
        "key/{KeyId}": "CreateGrant Decrypt DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation Encrypt "
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
        "*": "DeleteResourcePolicy DescribeResourcePolicies PutResourcePolicy",
        "log-group:{logGroupName}:log-stream:": "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteRetentionPolicy "
        "DescribeLogStreams DisassociateKmsKey FilterLogEvents PutRetentionPolicy PutSubscriptionFilter",
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
        "parameter/{ResourceId}": "AddTagsToResource ListTagsForResource RemoveTagsFromResource",
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
