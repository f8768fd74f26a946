"""The permissions that requests of real clients require: actions and ARNs, read off the wire."""

import io
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from moto.dynamodb.models import dynamodb_backends

from headrace_local.iam.requests import Call, call_of, signature_of
from headrace_local.iam.required_permissions import required_permissions

ACCOUNT, REGION = "000000000000", "eu-central-1"
HERE = f"{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/jobs"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:m"
TOPIC = f"arn:aws:sns:{HERE}:t"
PACKAGE = f"arn:aws:sagemaker:{HERE}:model-package/g/1"
VPC = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}


class _SentError(Exception):
    """A request would be on its way now."""


def call(service: str, operation: str, **parameters: Any) -> Call:
    """Return what boto3 sends for an operation, as the server reads it."""
    client = _client(service)
    sent: list[AWSPreparedRequest] = []

    def keep(request: AWSPreparedRequest, **_: object) -> None:
        sent.append(request)
        raise _SentError

    client.meta.events.register("before-send", keep, unique_id="keep")
    with pytest.raises(_SentError):
        getattr(client, operation)(**parameters)
    client.meta.events.unregister("before-send", unique_id="keep")
    received = environ(sent[0])
    signature = signature_of(received)
    assert signature
    return call_of(received, signature)


@cache
def _client(service: str) -> Any:
    session: Any = boto3.Session("KEY", "secret", region_name=REGION)
    config = Config(retries={"total_max_attempts": 1}, proxies={})
    return session.client(service, endpoint_url="http://localhost:1", config=config)


def environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """Return a request as werkzeug hands it over."""
    url = urlsplit(request.url)
    body = request.body or b""
    body = (
        body
        if isinstance(body, (bytes, bytearray))
        else body.encode() if isinstance(body, str) else body.read()
    )
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    return {
        **headers,
        "HTTP_HOST": url.netloc,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": url.path,
        "RAW_URI": f"{url.path}?{url.query}",
        "QUERY_STRING": url.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(bytes(body)),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
    }


# What ARNs of a service begin with, where it is not arn:aws:service:region:account.
BEGINNINGS = {"s3": "arn:aws:s3:::", "iam": f"arn:aws:iam::{ACCOUNT}:", "sts": f"arn:aws:iam::{ACCOUNT}:"}


def described(made: Call) -> str:
    """Return the permissions as `action resource`, an ARN of this account and region without its beginning."""
    texts = []
    for each in required_permissions(made, ACCOUNT):
        service = each.action.partition(":")[0]
        beginning = BEGINNINGS.get(service, f"arn:aws:{service}:{HERE}:")
        texts.append(f"{each.action} {each.resource.removeprefix(beginning)}")
    return ", ".join(texts)


OBJECT = {"Bucket": "a-bucket", "Key": "a/b c.csv"}
PART = OBJECT | {"UploadId": "1"}
PROCESSING = {
    "ProcessingJobName": "p-job",
    "RoleArn": ROLE,
    "AppSpecification": {"ImageUri": "i"},
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    },
}
JOB_ARN = f"arn:aws:sagemaker:{HERE}:processing-job/p-job"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("s3", "list_buckets", {}, "s3:ListAllMyBuckets *"),
        ("s3", "head_bucket", {"Bucket": "a-bucket"}, "s3:ListBucket a-bucket"),
        ("s3", "list_objects_v2", {"Bucket": "a-bucket", "Prefix": "a/"}, "s3:ListBucket a-bucket"),
        ("s3", "list_objects", {"Bucket": "a-bucket"}, "s3:ListBucket a-bucket"),
        ("s3", "list_object_versions", {"Bucket": "a-bucket"}, "s3:ListBucketVersions a-bucket"),
        ("s3", "get_object", OBJECT, "s3:GetObject a-bucket/a/b c.csv"),
        ("s3", "get_object", OBJECT | {"VersionId": "1"}, "s3:GetObjectVersion a-bucket/a/b c.csv"),
        ("s3", "head_object", OBJECT, "s3:GetObject a-bucket/a/b c.csv"),
        ("s3", "put_object", OBJECT | {"Body": b"x"}, "s3:PutObject a-bucket/a/b c.csv"),
        (
            "s3",
            "put_object",
            OBJECT | {"Tagging": "a=b"},
            "s3:PutObject a-bucket/a/b c.csv, s3:PutObjectTagging a-bucket/a/b c.csv",
        ),
        (
            "s3",
            "copy_object",
            OBJECT | {"CopySource": {"Bucket": "other", "Key": "k 1"}},
            "s3:GetObject other/k 1, s3:PutObject a-bucket/a/b c.csv",
        ),
        ("s3", "create_multipart_upload", OBJECT, "s3:PutObject a-bucket/a/b c.csv"),
        ("s3", "upload_part", PART | {"PartNumber": 1, "Body": b"x"}, "s3:PutObject a-bucket/a/b c.csv"),
        ("s3", "complete_multipart_upload", PART, "s3:PutObject a-bucket/a/b c.csv"),
        ("s3", "abort_multipart_upload", PART, "s3:AbortMultipartUpload a-bucket/a/b c.csv"),
        ("s3", "list_parts", PART, "s3:ListMultipartUploadParts a-bucket/a/b c.csv"),
        ("s3", "list_multipart_uploads", {"Bucket": "a-bucket"}, "s3:ListBucketMultipartUploads a-bucket"),
        ("s3", "delete_object", OBJECT, "s3:DeleteObject a-bucket/a/b c.csv"),
        (
            "s3",
            "delete_objects",
            {"Bucket": "a-bucket", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}]}},
            "s3:DeleteObject a-bucket/a, s3:DeleteObject a-bucket/b",
        ),
        ("s3", "get_object_tagging", OBJECT, "s3:GetObjectTagging a-bucket/a/b c.csv"),
        ("s3", "get_bucket_policy", {"Bucket": "a-bucket"}, "s3:GetBucketPolicy a-bucket"),
        ("s3", "get_bucket_encryption", {"Bucket": "a-bucket"}, "s3:GetEncryptionConfiguration a-bucket"),
        ("s3", "get_bucket_location", {"Bucket": "a-bucket"}, "s3:GetBucketLocation a-bucket"),
        (
            "sagemaker",
            "create_processing_job",
            PROCESSING,
            "sagemaker:CreateProcessingJob processing-job/p-job, iam:PassRole role/jobs",
        ),
        (
            "sagemaker",
            "create_processing_job",
            PROCESSING | {"Tags": [{"Key": "project", "Value": "x"}]},
            "sagemaker:CreateProcessingJob processing-job/p-job, sagemaker:AddTags processing-job/p-job, iam:PassRole role/jobs",
        ),
        (
            "sagemaker",
            "stop_training_job",
            {"TrainingJobName": "t"},
            "sagemaker:StopTrainingJob training-job/t",
        ),
        ("sagemaker", "list_tags", {"ResourceArn": JOB_ARN}, "sagemaker:ListTags processing-job/p-job"),
        ("sagemaker", "list_training_jobs", {}, "sagemaker:ListTrainingJobs *"),
        (
            "sagemaker",
            "list_model_packages",
            {"ModelPackageGroupName": "g"},
            "sagemaker:ListModelPackages model-package-group/g",
        ),
        (
            "sagemaker",
            "describe_model_package",
            {"ModelPackageName": PACKAGE},
            "sagemaker:DescribeModelPackage model-package/g/1",
        ),
        (
            "sagemaker",
            "create_model_package",
            {"ModelPackageGroupName": "g"},
            "sagemaker:CreateModelPackage model-package/g/*",
        ),
        (
            "sagemaker",
            "update_model_package",
            {"ModelPackageArn": PACKAGE},
            "sagemaker:UpdateModelPackage model-package/g/1",
        ),
        (
            "dynamodb",
            "get_item",
            {"TableName": "runs", "Key": {"model": {"S": "toy"}}},
            "dynamodb:GetItem table/runs",
        ),
        (
            "dynamodb",
            "transact_write_items",
            {
                "TransactItems": [
                    {"Put": {"TableName": "a", "Item": {}}},
                    {"Delete": {"TableName": "b", "Key": {}}},
                ]
            },
            "dynamodb:PutItem table/a, dynamodb:DeleteItem table/b",
        ),
        (
            "dynamodb",
            "query",
            {"TableName": "runs", "IndexName": "by-day", "KeyConditionExpression": "d = :d"},
            "dynamodb:Query table/runs/index/by-day",
        ),
        ("dynamodb", "list_tables", {}, "dynamodb:ListTables *"),
        ("sns", "publish", {"TopicArn": TOPIC, "Message": "m"}, "sns:Publish t"),
        ("sns", "create_topic", {"Name": "t"}, "sns:CreateTopic t"),
        (
            "sqs",
            "send_message",
            {"QueueUrl": f"http://localhost:1/{ACCOUNT}/q", "MessageBody": "m"},
            "sqs:SendMessage q",
        ),
        (
            "stepfunctions",
            "start_execution",
            {"stateMachineArn": MACHINE},
            "states:StartExecution stateMachine:m",
        ),
        (
            "stepfunctions",
            "create_state_machine",
            {"name": "m", "definition": "{}", "roleArn": ROLE},
            "states:CreateStateMachine stateMachine:m, iam:PassRole role/jobs",
        ),
        ("events", "put_rule", {"Name": "r", "ScheduleExpression": "rate(1 day)"}, "events:PutRule rule/r"),
        (
            "events",
            "put_targets",
            {"Rule": "r", "Targets": [{"Id": "1", "Arn": MACHINE, "RoleArn": ROLE}]},
            "events:PutTargets rule/r, iam:PassRole role/jobs",
        ),
        (
            "events",
            "put_events",
            {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]},
            "events:PutEvents event-bus/default",
        ),
        (
            "scheduler",
            "create_schedule",
            {
                "Name": "s",
                "GroupName": "g",
                "ScheduleExpression": "rate(1 day)",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": MACHINE, "RoleArn": ROLE},
            },
            "scheduler:CreateSchedule schedule/g/s, iam:PassRole role/jobs",
        ),
        ("scheduler", "get_schedule", {"Name": "s"}, "scheduler:GetSchedule schedule/default/s"),
        # Its group is in the query, without being of the query protocol.
        (
            "scheduler",
            "delete_schedule",
            {"Name": "s", "GroupName": "g"},
            "scheduler:DeleteSchedule schedule/g/s",
        ),
        ("cloudwatch", "put_metric_data", {"Namespace": "N", "MetricData": []}, "cloudwatch:PutMetricData *"),
        ("cloudwatch", "describe_alarms", {"AlarmNames": ["a"]}, "cloudwatch:DescribeAlarms alarm:a"),
        (
            "logs",
            "create_log_stream",
            {"logGroupName": "/g", "logStreamName": "s"},
            "logs:CreateLogStream log-group:/g:log-stream:s",
        ),
        ("kms", "decrypt", {"KeyId": "1-2", "CiphertextBlob": b"x"}, "kms:Decrypt key/1-2"),
        ("cloudformation", "describe_stacks", {"StackName": "s"}, "cloudformation:DescribeStacks stack/s/*"),
        ("iam", "get_role", {"RoleName": "jobs"}, "iam:GetRole role/jobs"),
        ("sts", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "tests"}, "sts:AssumeRole role/jobs"),
        ("ssm", "get_parameter", {"Name": "/a/b"}, "ssm:GetParameter parameter/a/b"),
        ("ec2", "describe_subnets", {}, "ec2:DescribeSubnets *"),
        (
            "ec2",
            "create_subnet",
            {
                "VpcId": "vpc-1",
                "CidrBlock": "10.0.0.0/24",
                "TagSpecifications": [{"ResourceType": "subnet", "Tags": [{"Key": "a", "Value": "b"}]}],
            },
            "ec2:CreateSubnet vpc/vpc-1, ec2:CreateSubnet subnet/*, ec2:CreateTags subnet/*",
        ),
        (
            "ec2",
            "create_tags",
            {"Resources": ["rtb-1"], "Tags": [{"Key": "a", "Value": "b"}]},
            "ec2:CreateTags route-table/rtb-1",
        ),
        (
            "ec2",
            "delete_vpc_endpoints",
            {"VpcEndpointIds": ["vpce-1", "vpce-2"]},
            "ec2:DeleteVpcEndpoints vpc-endpoint/vpce-1, ec2:DeleteVpcEndpoints vpc-endpoint/vpce-2",
        ),
        (
            "ecr",
            "batch_get_image",
            {"registryId": "333333333333", "repositoryName": "r/s", "imageIds": [{"imageTag": "x"}]},
            f"ecr:BatchGetImage arn:aws:ecr:{REGION}:333333333333:repository/r/s",
        ),
        ("ecr", "get_authorization_token", {}, "ecr:GetAuthorizationToken *"),
        (
            "iam",
            "create_open_id_connect_provider",
            {"Url": "https://issuer.example/path", "Tags": [{"Key": "a", "Value": "b"}]},
            "iam:CreateOpenIDConnectProvider oidc-provider/issuer.example/path, iam:TagOpenIDConnectProvider oidc-provider/issuer.example/path",
        ),
        (
            "cloudwatch",
            "put_dashboard",
            {"DashboardName": "d", "DashboardBody": "{}"},
            f"cloudwatch:PutDashboard arn:aws:cloudwatch::{ACCOUNT}:dashboard/d",
        ),
        ("kms", "create_key", {"Policy": "{}"}, "kms:CreateKey *"),
        (
            "cloudformation",
            "delete_stack",
            {"StackName": "s", "RoleARN": ROLE},
            "cloudformation:DeleteStack stack/s/*, iam:PassRole role/jobs",
        ),
        # In no table: the action of its name, on the ARNs that it is given.
        ("sagemaker", "list_aliases", {"ImageName": "i"}, "sagemaker:ListAliases *"),
        (
            "application-autoscaling",
            "list_tags_for_resource",
            {"ResourceARN": "arn:aws:application-autoscaling:::x"},
            "application-autoscaling:ListTagsForResource arn:aws:application-autoscaling:::x",
        ),
    ],
)
def test_each_service(service: str, operation: str, parameters: dict[str, Any], expected: str) -> None:
    """Each protocol, and the ARN as AWS's service authorization reference writes it."""
    assert described(call(service, operation, **parameters)) == expected


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "a/"}, {"s3:prefix": ("a/",)}),
        (
            "cloudwatch",
            "put_metric_data",
            {"Namespace": "N", "MetricData": []},
            {"cloudwatch:namespace": ("N",)},
        ),
        (
            "sagemaker",
            "create_processing_job",
            PROCESSING | {"NetworkConfig": {"VpcConfig": VPC}},
            {"sagemaker:vpcsubnets": ("subnet-1",), "sagemaker:instancetypes": ("ml.m5.large",)},
        ),
        (
            "iam",
            "create_role",
            {
                "RoleName": "r",
                "AssumeRolePolicyDocument": "{}",
                "PermissionsBoundary": "arn:aws:iam::1:policy/b",
                "Tags": [{"Key": "Team", "Value": ""}, {"Key": "Cost", "Value": "7"}],
            },
            {
                "iam:permissionsboundary": ("arn:aws:iam::1:policy/b",),
                "aws:requesttag/cost": ("7",),
                "aws:tagkeys": ("Team", "Cost"),
            },
        ),
        (
            "cloudformation",
            "create_change_set",
            {"StackName": "s", "ChangeSetName": "c", "RoleARN": ROLE, "TemplateURL": "https://b/t"},
            {
                "cloudformation:changesetname": ("c",),
                "cloudformation:rolearn": (ROLE,),
                "cloudformation:templateurl": ("https://b/t",),
            },
        ),
        (
            "sqs",
            "create_queue",
            {"QueueName": "q", "tags": {"Team": "ml"}},
            {"aws:requesttag/team": ("ml",), "aws:tagkeys": ("Team",)},
        ),
        (
            "kms",
            "encrypt",
            {"KeyId": "k", "Plaintext": b"x", "EncryptionContext": {"A": "b"}},
            {"kms:encryptioncontext:a": ("b",), "kms:encryptioncontextkeys": ("A",)},
        ),
    ],
)
def test_condition_keys_are_in_the_context(
    service: str, operation: str, parameters: dict[str, Any], expected: dict[str, tuple[str, ...]]
) -> None:
    """What the tables name as a condition key is in the context of the permission."""
    context = required_permissions(call(service, operation, **parameters), ACCOUNT)[0].context
    assert {key: context.get(key) for key in expected} == expected


def test_a_role_is_passed_to_a_service() -> None:
    """iam:PassedToService names who gets the role."""
    passing = required_permissions(call("sagemaker", "create_processing_job", **PROCESSING), ACCOUNT)[-1]
    assert passing.context == {"iam:passedtoservice": ("sagemaker.amazonaws.com",)}


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("put_item", {"TableName": "runs", "Item": {"model": {"S": "toy"}, "run": {"S": "1"}}}, ("toy",)),
        ("get_item", {"TableName": "runs", "Key": {"model": {"S": "toy"}}}, ("toy",)),
        (
            "query",
            {
                "TableName": "runs",
                "KeyConditionExpression": "#m = :m AND begins_with(run, :r)",
                "ExpressionAttributeNames": {"#m": "model"},
                "ExpressionAttributeValues": {":m": {"S": "toy"}, ":r": {"S": "2"}},
            },
            ("toy",),
        ),
        (
            "batch_write_item",
            {"RequestItems": {"runs": [{"PutRequest": {"Item": {"model": {"S": m}}}} for m in ("a", "b")]}},
            ("a", "b"),
        ),
        ("scan", {"TableName": "runs"}, None),
    ],
)
def test_leading_keys(operation: str, parameters: dict[str, Any], expected: tuple[str, ...] | None) -> None:
    """The partition key's values of what is read or written; a Scan has none, as on AWS."""
    backend: Any = dynamodb_backends[ACCOUNT][REGION]
    backend.tables.clear()
    backend.create_table(
        "runs",
        schema=[{"AttributeName": "model", "KeyType": "HASH"}],
        throughput=None,
        attr=[{"AttributeName": "model", "AttributeType": "S"}],
        global_indexes=None,
        indexes=None,
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    made = call("dynamodb", operation, **parameters)
    assert required_permissions(made, ACCOUNT)[0].context.get("dynamodb:leadingkeys") == expected


def test_an_unsigned_request_has_no_principal() -> None:
    """Nobody is asked for: moto answers it as it likes."""
    assert signature_of({"REQUEST_METHOD": "GET", "HTTP_HOST": "localhost", "PATH_INFO": "/"}) is None
