"""What clients get when a role is denied: code, status and message of each service."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from enforced import ACCOUNT, REGION, USER, Enforced, allow, policy, session_arn

HERE = f"{REGION}:{ACCOUNT}"
TOPIC = f"arn:aws:sns:{HERE}:news"


def denied(
    enforced: Enforced, service: str, operation: str, role: str, **parameters: Any
) -> tuple[str, int, str]:
    """Return code, status and message of a denial."""
    with pytest.raises(ClientError) as caught:
        getattr(enforced.acting(service, role), operation)(**parameters)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


@dataclass(frozen=True)
class Case:
    """A call, and how it is denied: the code, the status, the action, the resource that the message names."""

    service: str
    operation: str
    code: str
    action: str
    resource: str = ""
    status: int = 403
    parameters: dict[str, Any] = field(default_factory=dict)


JSON_CODE = "AccessDeniedException"
CASES = [
    Case("s3", "list_buckets", "AccessDenied", "s3:ListAllMyBuckets"),
    Case(
        "s3",
        "get_object",
        "AccessDenied",
        "s3:GetObject",
        '"arn:aws:s3:::b/k"',
        parameters={"Bucket": "b", "Key": "k"},
    ),
    Case(
        "sagemaker",
        "describe_processing_job",
        JSON_CODE,
        "sagemaker:DescribeProcessingJob",
        f"arn:aws:sagemaker:{HERE}:processing-job/j",
        400,
        {"ProcessingJobName": "j"},
    ),
    Case(
        "dynamodb",
        "describe_table",
        JSON_CODE,
        "dynamodb:DescribeTable",
        f"arn:aws:dynamodb:{HERE}:table/t",
        400,
        {"TableName": "t"},
    ),
    Case(
        "sns",
        "publish",
        "AuthorizationError",
        "SNS:Publish",
        TOPIC,
        parameters={"TopicArn": TOPIC, "Message": "m"},
    ),
    Case(
        "sqs",
        "get_queue_url",
        "AccessDenied",
        "sqs:getqueueurl",
        f"arn:aws:sqs:{HERE}:q",
        parameters={"QueueName": "q"},
    ),
    Case(
        "logs",
        "describe_log_groups",
        JSON_CODE,
        "logs:DescribeLogGroups",
        f"arn:aws:logs:{HERE}:log-group::log-stream:",
        400,
    ),
    Case("stepfunctions", "list_state_machines", JSON_CODE, "states:ListStateMachines", status=400),
    Case("events", "list_rules", JSON_CODE, "events:ListRules", status=400),
    Case("kms", "list_keys", JSON_CODE, "kms:ListKeys", status=400),
    Case("cloudwatch", "list_metrics", "AccessDenied", "cloudwatch:ListMetrics"),
    Case("scheduler", "list_schedules", JSON_CODE, "scheduler:ListSchedules"),
    Case("cloudformation", "list_stacks", "AccessDenied", "cloudformation:ListStacks"),
    Case("iam", "list_roles", "AccessDenied", "iam:ListRoles"),
    Case("ec2", "describe_vpcs", "UnauthorizedOperation", "ec2:DescribeVpcs"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.action)
def test_each_service_refuses_as_on_aws(enforced: Enforced, case: Case) -> None:
    """A role without policies may do nothing, and is denied in the service's own protocol."""
    role = enforced.role()
    about = f" on resource: {case.resource}" if case.resource else ""
    answer = denied(enforced, case.service, case.operation, role, **case.parameters)
    assert answer[:2] == (case.code, case.status)
    assert answer[2] == (
        f"User: {session_arn(role)} is not authorized to perform: {case.action}{about} "
        f"because no identity-based policy allows the {case.action} action"
    )


def test_head_says_no_more_than_forbidden(enforced: Enforced) -> None:
    """An answer to HEAD has no body: boto3 makes the code of the status."""
    code, status, message = denied(enforced, "s3", "head_object", enforced.role(), Bucket="b", Key="k")
    assert (code, status, message) == ("403", 403, "Forbidden")


def test_a_role_may_ask_who_it_is(enforced: Enforced) -> None:
    """GetCallerIdentity needs no permission."""
    role = enforced.role()
    assert enforced.acting("sts", role).get_caller_identity()["Arn"] == session_arn(role)


def test_a_prefix_is_what_may_be_listed(enforced: Enforced) -> None:
    """s3:prefix limits a listing, as in the role of the jobs."""
    enforced.client("s3").create_bucket(
        Bucket="listed", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    s3 = enforced.acting(
        "s3",
        enforced.role(allow("s3:ListBucket", "arn:aws:s3:::listed", StringLike={"s3:prefix": ["toy/raw/*"]})),
    )
    assert s3.list_objects_v2(Bucket="listed", Prefix="toy/raw/a")["KeyCount"] == 0
    for prefix in ({"Prefix": "toy/"}, {}):
        with pytest.raises(ClientError, match="s3:ListBucket"):
            s3.list_objects_v2(Bucket="listed", **prefix)


def test_a_missing_key_is_hidden_from_who_may_not_list(enforced: Enforced) -> None:
    """AccessDenied in place of NoSuchKey, the surprise of many a first role."""
    enforced.client("s3").create_bucket(
        Bucket="hidden", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    read, lists = allow("s3:GetObject", "arn:aws:s3:::hidden/*"), allow(
        "s3:ListBucket", "arn:aws:s3:::hidden"
    )
    _, _, message = denied(enforced, "s3", "get_object", enforced.role(read), Bucket="hidden", Key="k")
    assert 'perform: s3:ListBucket on resource: "arn:aws:s3:::hidden"' in message
    code, _, _ = denied(enforced, "s3", "get_object", enforced.role(read, lists), Bucket="hidden", Key="k")
    assert code == "NoSuchKey"


def test_a_bucket_policy_denies(enforced: Enforced) -> None:
    """An explicit Deny on the bucket outweighs the role's Allow, and one for requests without TLS is none here."""
    s3 = enforced.client("s3")
    s3.create_bucket(Bucket="guarded", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="guarded", Key="k", Body=b"x")
    deny = {"Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::guarded/*"}
    plain = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(
        Bucket="guarded",
        Policy=policy(deny | {"Action": "s3:*"} | plain, deny | {"Action": "s3:DeleteObject"}),
    )
    role = enforced.role(allow("s3:*"))
    assert enforced.acting("s3", role).get_object(Bucket="guarded", Key="k")["Body"].read() == b"x"
    _, _, message = denied(enforced, "s3", "delete_object", role, Bucket="guarded", Key="k")
    assert message.endswith("with an explicit deny in a resource-based policy")


def test_a_key_is_used_through_a_service(enforced: Enforced) -> None:
    """An object under a key of the account wants kms:Decrypt too, which kms:ViaService may limit to S3."""
    key = enforced.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3 = enforced.client("s3")
    s3.create_bucket(Bucket="secret", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="secret", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    read = allow("s3:GetObject", "arn:aws:s3:::secret/*")
    code, _, message = denied(enforced, "s3", "get_object", enforced.role(read), Bucket="secret", Key="k")
    assert code == "AccessDenied"
    assert f"perform: kms:Decrypt on resource: {key} " in message
    through = allow("kms:Decrypt", key, StringEquals={"kms:ViaService": f"s3.{REGION}.amazonaws.com"})
    role = enforced.role(read, through)
    assert enforced.acting("s3", role).get_object(Bucket="secret", Key="k")["Body"].read() == b"x"
    _, _, message = denied(enforced, "kms", "decrypt", role, KeyId=key, CiphertextBlob=b"x")
    assert "no identity-based policy allows the kms:Decrypt action" in message


def test_a_key_policy_must_let_the_account_decide(enforced: Enforced) -> None:
    """Without that, what a role's own policy says of a key is nothing."""
    admin = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/admin"},
        "Action": "kms:*",
        "Resource": "*",
    }
    key = enforced.client("kms").create_key(Policy=policy(admin))["KeyMetadata"]["Arn"]
    _, _, message = denied(enforced, "kms", "describe_key", enforced.role(allow("kms:*")), KeyId=key)
    assert message.endswith("because no resource-based policy allows the kms:DescribeKey action")


def test_managed_policies_boundaries_and_session_policies_count(enforced: Enforced) -> None:
    """An attached policy allows, a boundary and a session policy take away."""
    iam = enforced.client("iam")
    arn = iam.create_policy(PolicyName="sns", PolicyDocument=policy(allow("sns:*")))["Policy"]["Arn"]
    role = enforced.role()
    iam.attach_role_policy(RoleName=role.rpartition("/")[2], PolicyArn=arn)
    assert enforced.acting("sns", role).list_topics()["Topics"] == []
    limited = enforced.acting("sns", role, Policy=policy(allow("sns:Publish")))
    with pytest.raises(ClientError, match="no session policy allows the SNS:ListTopics action"):
        limited.list_topics()
    bounded = enforced.role(allow("*"), PermissionsBoundary=arn)
    assert enforced.acting("sns", bounded).list_topics()["Topics"] == []
    with pytest.raises(ClientError, match="no permissions boundary allows the iam:ListRoles action"):
        enforced.acting("iam", bounded).list_roles()


def test_policies_of_aws_are_unknown_by_name(enforced: Enforced) -> None:
    """They cannot be attached, and the denial names the policy."""
    name = enforced.role().rpartition("/")[2]
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    with pytest.raises(ClientError, match=f"Policy {arn} does not exist"):
        enforced.client("iam").attach_role_policy(RoleName=name, PolicyArn=arn)


def test_leading_keys_limit_a_table(enforced: Enforced) -> None:
    """A role that may write one model's runs may not write another's."""
    table = enforced.client("dynamodb")
    table.create_table(
        TableName="records",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "model", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "model", "KeyType": "HASH"}],
    )
    only_toy = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["toy"]}}
    role = enforced.role(allow("dynamodb:PutItem", f"arn:aws:dynamodb:{HERE}:table/records", **only_toy))
    enforced.acting("dynamodb", role).put_item(TableName="records", Item={"model": {"S": "toy"}})
    code, _, _ = denied(
        enforced, "dynamodb", "put_item", role, TableName="records", Item={"model": {"S": "other"}}
    )
    assert code == "AccessDeniedException"


def test_passing_a_role_needs_its_own_permission(enforced: Enforced) -> None:
    """To hand a role to Step Functions takes iam:PassRole on it, for that service."""
    service = USER | {"Principal": {"Service": "states.amazonaws.com"}}
    given = enforced.role(trust=service)
    states = {"Effect": "Allow", "Action": "states:*", "Resource": "*"}
    pass_on = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    role = enforced.role(states, allow("iam:PassRole", given, **pass_on))
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    machine = {"name": "passed", "definition": definition, "roleArn": given}
    code, _, message = denied(enforced, "stepfunctions", "create_state_machine", role, **machine)
    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: iam:PassRole on resource: {given} " in message
    enforced.acting(
        "stepfunctions", enforced.role(states, allow("iam:PassRole", given))
    ).create_state_machine(**machine)


def test_the_person_at_the_laptop_is_administrator(enforced: Enforced) -> None:
    """Any key that sts has not made may do everything, as without enforcement."""
    assert enforced.client("iam").list_roles()["Roles"]
