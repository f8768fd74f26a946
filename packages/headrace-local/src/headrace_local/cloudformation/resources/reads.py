"""What the properties of a resource are now, as its service returns them: for drift detection, of the types that are often changed outside of stacks.

Each function is given the properties that the template has, and answers by their names. None as a value means that the
resource has no such property now; a name that is not in the answer was not read. What is gone raises the error
of its service.
"""

from collections.abc import Callable, Mapping

from botocore.exceptions import ClientError

from headrace_local import strict_json
from headrace_local.cloudformation.resources.cloudwatch import SETTINGS as ALARM_SETTINGS
from headrace_local.cloudformation.resources.handler import Properties, ResourceContext, given
from headrace_local.cloudformation.resources.s3_rules import encryption
from headrace_local.cloudformation.resources.scheduler import SETTINGS as SCHEDULE_SETTINGS
from headrace_local.grammars.template import Json

_NOT_SET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


def _role(context: ResourceContext, name: str, expected: Properties) -> Properties:
    iam = context.client("iam")
    role = iam.get_role(RoleName=name)["Role"]
    properties: dict[str, Json] = {
        "AssumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
        "Description": role.get("Description"),
        "MaxSessionDuration": role.get("MaxSessionDuration"),
        "PermissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
    }
    if "Policies" in expected:
        names = _in_order(
            [each["PolicyName"] for each in expected["Policies"]],
            iam.list_role_policies(RoleName=name)["PolicyNames"],
        )
        properties["Policies"] = [_inline(context, name, each) for each in names]
    if "ManagedPolicyArns" in expected:
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        properties["ManagedPolicyArns"] = _in_order(
            expected["ManagedPolicyArns"], [each["PolicyArn"] for each in attached]
        )
    return properties


def _inline(context: ResourceContext, role: str, policy: str) -> Json:
    found = context.client("iam").get_role_policy(RoleName=role, PolicyName=policy)
    return given(found, "PolicyName PolicyDocument")


def _role_policy(context: ResourceContext, _policy: str, expected: Properties) -> Properties:
    roles = expected.get("Roles", [])
    return _inline(context, roles[0], expected["PolicyName"]) if roles else {}


def _managed_policy(context: ResourceContext, arn: str, _expected: Properties) -> Properties:
    iam = context.client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
    return {"PolicyDocument": found["Document"]}


def _bucket(context: ResourceContext, name: str, expected: Properties) -> Properties:
    s3 = context.client("s3")
    versioning = s3.get_bucket_versioning(Bucket=name).get(
        "Status"
    )  # first: it raises when the bucket is gone
    access = _if_set(lambda: s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"])
    wanted_access = expected.get("PublicAccessBlockConfiguration", {})
    rules = _if_set(
        lambda: s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    )
    return {
        "BucketEncryption": _encryption(rules, expected.get("BucketEncryption")),
        "PublicAccessBlockConfiguration": access and {key: access.get(key) for key in wanted_access},
        "VersioningConfiguration": versioning and {"Status": versioning},
    }


def _encryption(rules: Json, expected: Json) -> Json:
    """Return the rules of a bucket in the form of a template; the template's own where both say the same."""
    if rules is None or (expected is not None and _same_rules(rules, encryption(expected)["Rules"])):
        return expected if rules is not None else None
    return {
        "ServerSideEncryptionConfiguration": [
            {
                "ServerSideEncryptionByDefault": rule.get("ApplyServerSideEncryptionByDefault", {}),
                **given(rule, "BucketKeyEnabled"),
            }
            for rule in rules
        ]
    }


def _same_rules(found: Json, wanted: Json) -> bool:
    # S3 says false for a key that was not given.
    plain = [[{"BucketKeyEnabled": False, **rule} for rule in rules] for rules in (found, wanted)]
    return bool(plain[0] == plain[1])


def _bucket_policy(context: ResourceContext, _policy: str, expected: Properties) -> Properties | None:
    s3 = context.client("s3")
    found = _if_set(lambda: s3.get_bucket_policy(Bucket=expected["Bucket"])["Policy"])
    return None if found is None else {"PolicyDocument": _as_written(found, expected["PolicyDocument"])}


def _state_machine(context: ResourceContext, arn: str, _expected: Properties) -> Properties:
    found = context.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    return {"DefinitionString": found["definition"], "RoleArn": found["roleArn"]}


def _rule(context: ResourceContext, name: str, expected: Properties) -> Properties:
    events = context.client("events")
    bus = given(expected, "EventBusName")
    found = events.describe_rule(Name=name, **bus)
    targets = {each["Id"]: each for each in events.list_targets_by_rule(Rule=name, **bus)["Targets"]}
    order = _in_order([each["Id"] for each in expected.get("Targets", [])], list(targets))
    pattern = found.get("EventPattern")
    return {
        **{key: found.get(key) for key in ("Description", "RoleArn", "ScheduleExpression", "State")},
        "EventPattern": pattern and _as_written(pattern, expected.get("EventPattern")),
        "Targets": [targets[each] for each in order],
    }


def _schedule(context: ResourceContext, name: str, expected: Properties) -> Properties:
    found = context.client("scheduler").get_schedule(Name=name, **given(expected, "GroupName"))
    properties = {key: found.get(key) for key in SCHEDULE_SETTINGS.split()}
    # What the template leaves to the service is not looked at, within the target neither.
    target = found["Target"]
    properties["Target"] = {key: target.get(key) for key in expected["Target"]}
    return properties


def _alarm(context: ResourceContext, name: str, _expected: Properties) -> Properties | None:
    found = context.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return {key: found[0].get(key) for key in ALARM_SETTINGS.split()} if found else None


def _log_group(context: ResourceContext, name: str, _expected: Properties) -> Properties | None:
    groups = context.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    for each in groups:
        if each["logGroupName"] == name:
            return {"RetentionInDays": each.get("retentionInDays"), "KmsKeyId": each.get("kmsKeyId")}
    return None


def _topic_policy(context: ResourceContext, _policy: str, expected: Properties) -> Properties:
    found = context.client("sns").get_topic_attributes(TopicArn=expected["Topics"][0])["Attributes"]["Policy"]
    return {"PolicyDocument": _as_written(found, expected["PolicyDocument"])}


def _key(context: ResourceContext, key_id: str, expected: Properties) -> Properties | None:
    kms = context.client("kms")
    found = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        return None
    properties: dict[str, Json] = {"Description": found.get("Description"), "Enabled": found["Enabled"]}
    if "EnableKeyRotation" in expected:
        properties["EnableKeyRotation"] = kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]
    if "KeyPolicy" in expected:
        policy = kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
        properties["KeyPolicy"] = _as_written(policy, expected["KeyPolicy"])
    return properties


def _if_set(ask: Callable[[], Json]) -> Json:
    """Return what a service tells, or None when it says that nothing is set."""
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOT_SET:
            raise
        return None


def _as_written(text: str, expected: Json) -> Json:
    """Return JSON in the form in which the template has it: a text, or what it says."""
    return text if isinstance(expected, str) else strict_json.loads(text)


def _in_order(expected: list[str], found: list[str]) -> list[str]:
    """Return what was found in the order of what was expected, the rest behind it."""
    return [*(each for each in expected if each in found), *(each for each in found if each not in expected)]


READS: Mapping[str, Callable[[ResourceContext, str, Properties], Properties | None]] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Policy": _role_policy,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::StepFunctions::StateMachine": _state_machine,
}
