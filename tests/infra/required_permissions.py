"""The permissions that a state machine and its jobs require: actions on resources, from the definition alone.

Texts that are known only at run time are `x`; what a path of the data may hold there is in `AT_RUN_TIME`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from headrace_aws.asl.checks.findings import Definition, states

Permission = tuple[str, str]  # action and ARN

PROJECT, MODEL, ACCOUNT, REGION = "acme", "churn", "333333333333", "eu-central-1"
BUCKET, KEY = "arn:aws:s3:::data", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/x"
JOB_ROLE = f"arn:aws:iam::{ACCOUNT}:role/job"
TOPIC, TABLE = f"arn:aws:sns:{REGION}:{ACCOUNT}:runs", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/runs"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{PROJECT}@sha256:0"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{PROJECT}"

AT_RUN_TIME = {
    "$.raw": f"s3://data/{MODEL}/raw/x/",  # a folder below raw/, see headrace_aws.runs.run_input
    "$.artefact": f"s3://data/{MODEL}/runs/x/x/model.tar.gz",
    "$.package.artefact": f"s3://data/{MODEL}/runs/training/x/train/x/output/model.tar.gz",
    "$.package.evaluation": f"s3://data/{MODEL}/runs/training/x/evaluate/evaluation/evaluation.json",
    "$.champion.version.artefact": f"s3://data/{MODEL}/runs/training/x/train/x/output/model.tar.gz",
    "$.train.artefact": f"s3://data/{MODEL}/runs/training/x/train/x/output/model.tar.gz",
}
# "Using CloudWatch Logs to log execution history in Step Functions", in the developer guide of Step Functions.
DELIVERY = {
    f"logs:{name}"
    for name in (
        "CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies", "GetLogDelivery",
        "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery",
    )
}  # fmt: skip
# What lies under the project's key is read and written through the service, in the name of the caller; DynamoDB looks
# at the key ("DynamoDB encryption at rest usage notes").
UNDER_THE_KEY = {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}
# "CreateProcessingJob API: Execution Role Permissions" and "CreateTrainingJob API: ..." in the developer guide of
# SageMaker ("How to use SageMaker AI execution roles"), of private subnets, a volume key and an output key.
OF_EVERY_JOB: frozenset[Permission] = frozenset(
    {
        *(("cloudwatch:PutMetricData", "*"), ("ecr:GetAuthorizationToken", "*")),
        *((f"ecr:{name}", REPOSITORY) for name in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")),
        *((f"logs:{name}", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/x") for name in ("CreateLogGroup", "DescribeLogStreams")),
        *((f"logs:{name}", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/x:log-stream:x") for name in ("CreateLogStream", "PutLogEvents")),
        *((f"kms:{name}", KEY) for name in ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey")),
        *(("ec2:CreateNetworkInterface", f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/x") for kind in ("subnet", "security-group", "network-interface")),
        *((f"ec2:{name}", f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/x") for name in ("CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission")),
        *((f"ec2:Describe{name}", "*") for name in ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")),
        *((f"s3:{name}", f"{BUCKET}/{MODEL}/runs/x") for name in ("AbortMultipartUpload",)),
    }
)  # fmt: skip


def required_by(pipeline: str, definition: Definition) -> set[Permission]:
    """Return the permissions that the role of a state machine requires."""
    found = {(action, "*") for action in DELIVERY} | {(action, KEY) for action in UNDER_THE_KEY}
    for _, state in states(definition):
        if state.get("Type") == "Task":
            found |= set(_of_task(pipeline, state["Resource"].partition(":::")[2], state["Parameters"]))
    return found


def required_by_jobs(definitions: Mapping[str, Definition]) -> set[Permission]:
    """Return the permissions that the role of the jobs requires."""
    found = set(OF_EVERY_JOB)
    for definition in definitions.values():
        for _, state in states(definition):
            if "sagemaker:create" in state.get("Resource", "") and ".sync" in state["Resource"]:
                found |= set(_of_job(state["Parameters"]))
    return found


def _of_job(parameters: Mapping[str, Any]) -> Iterator[Permission]:
    reads = [_value(each["S3Input"], "S3Uri") for each in parameters.get("ProcessingInputs", ())]
    reads += [
        _value(each["DataSource"]["S3DataSource"], "S3Uri") for each in parameters.get("InputDataConfig", ())
    ]
    outputs = parameters.get("ProcessingOutputConfig", {}).get("Outputs", ())
    writes = [_value(each["S3Output"], "S3Uri") for each in outputs]
    if "OutputDataConfig" in parameters:
        writes.append(_value(parameters["OutputDataConfig"], "S3OutputPath"))
    if "CheckpointConfig" in parameters:
        checkpoints = _value(parameters["CheckpointConfig"], "S3Uri")
        reads.append(checkpoints)
        writes.append(checkpoints)
    for uri in reads:
        yield "s3:GetObject", _object(uri)
        yield "s3:ListBucket", BUCKET
    for uri in writes:
        yield "s3:PutObject", _object(uri)


def _of_task(pipeline: str, resource: str, parameters: Mapping[str, Any]) -> Iterator[Permission]:
    operation = resource.removeprefix("aws-sdk:").removesuffix(":2").removesuffix(".sync")
    executions = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{PROJECT}-{MODEL}"
    match operation.split(":"):
        case ["s3", name]:
            yield from _of_s3(name, parameters)
        case ["sagemaker", name]:
            yield from _of_sagemaker(name, parameters)
        case ["dynamodb", name]:
            yield f"dynamodb:{_upper(name)}", TABLE
        case ["sns", "publish"]:
            yield "sns:Publish", TOPIC
        case ["cloudwatch", "putMetricData"]:
            yield "cloudwatch:PutMetricData", "*"
        case ["sfn", "describeExecution"]:
            # The holder of a pipeline's lock is an execution of it; an event may tell of any pipeline's.
            of = "x" if pipeline == "bookkeeping" else pipeline
            yield "states:DescribeExecution", f"{executions}-{of}:x"
        case ["states", "startExecution"]:
            yield "states:StartExecution", _value(parameters, "StateMachineArn")
            yield "states:DescribeExecution", f"{executions}-training:x"
            yield "states:StopExecution", f"{executions}-training:x"
            yield from _of_rule("StepFunctionsExecution")
        case _:
            raise AssertionError(f"{resource} has no required permissions here: add a case for it")


def _of_s3(name: str, parameters: Mapping[str, Any]) -> Iterator[Permission]:
    match name:
        case "listObjectsV2":
            yield "s3:ListBucket", BUCKET
        case "copyObject":
            source = re.findall(r"'([^']*)'", parameters["CopySource.$"])[-1].replace("{}", "x")
            yield "s3:GetObject", f"{BUCKET}/{source}"
            yield "s3:PutObject", f"{BUCKET}/{_value(parameters, 'Key')}"
        case _:
            yield f"s3:{_upper(name)}", f"{BUCKET}/{_value(parameters, 'Key')}"


def _of_sagemaker(name: str, parameters: Mapping[str, Any]) -> Iterator[Permission]:
    place = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
    group, package = (
        f"{place}:model-package-group/{PROJECT}-{MODEL}",
        f"{place}:model-package/{PROJECT}-{MODEL}/1",
    )
    match name:
        case "listModelPackages":
            yield "sagemaker:ListModelPackages", group
        case "describeModelPackage":
            yield "sagemaker:DescribeModelPackage", package
        case "createModelPackage":
            yield "sagemaker:CreateModelPackage", package
            yield "sagemaker:CreateModelPackage", group
            # As its caller it looks at artefact and image, see headrace_aws.asl.checks.actions.
            yield "s3:GetObject", _object(AT_RUN_TIME["$.train.artefact"])
            yield "ecr:BatchGetImage", REPOSITORY
            yield "ecr:DescribeImages", REPOSITORY
        case "createProcessingJob" | "createTrainingJob":
            kind = name.removeprefix("create").removesuffix("Job")
            job = f"{place}:{kind.lower()}-job/{_value(parameters, f'{kind}JobName')}"
            yield from ((f"sagemaker:{verb}{kind}Job", job) for verb in ("Create", "Describe", "Stop"))
            yield from ((f"sagemaker:{verb}Tags", job) for verb in ("Add", "List"))
            yield "iam:PassRole", parameters["RoleArn"]
            yield "kms:CreateGrant", KEY  # for the volume, as the caller
            yield from _of_rule(f"SageMaker{kind}Jobs")
        case _:
            raise AssertionError(f"sagemaker:{name} has no required permissions here: add a case for it")


def _of_rule(what: str) -> Iterator[Permission]:
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/StepFunctionsGetEventsFor{what}Rule"
    return ((f"events:{name}", rule) for name in ("DescribeRule", "PutRule", "PutTargets"))


def _value(parameters: Mapping[str, Any], key: str) -> str:
    """Return a parameter's text: as it stands, by its format, or what a path may hold."""
    if key in parameters:
        return str(parameters[key])
    expression = parameters[f"{key}.$"]
    found = re.match(r"States\.Format\('([^']*)'", expression)
    return found[1].replace("{}", "x") if found else AT_RUN_TIME[expression]


def _object(uri: str) -> str:
    """Return the ARN of an object at, or below, an S3 URI."""
    return f"arn:aws:s3:::{uri.removeprefix('s3://')}{'x' if uri.endswith('/') else ''}"


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]
