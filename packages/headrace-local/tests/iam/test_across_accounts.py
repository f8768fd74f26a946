"""What lies in one account and is read from another: both sides have to allow it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from enforced import ACCOUNT, REGION, Enforced, allow, policy

from headrace_local.iam.principals import ACCOUNT_ACCESS_ROLE

OTHER = "444444444444"
BUCKET, BUCKET_ARN = "releases-of-dev", "arn:aws:s3:::releases-of-dev"
IMAGES, IMAGES_ARN = "project", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/project"
READING = [allow("s3:ListBucket", BUCKET_ARN), allow("s3:GetObject", f"{BUCKET_ARN}/releases/*")]
PULLING = allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], IMAGES_ARN)


def reader(enforced: Enforced, name: str, *statements: dict[str, Any]) -> str:
    """Return the ARN of a role in the other account, which this one may assume."""
    iam = enforced.acting("iam", f"arn:aws:iam::{OTHER}:role/{ACCOUNT_ACCESS_ROLE}")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    return str(made["Role"]["Arn"])


@pytest.fixture(scope="module")
def granted(enforced: Enforced) -> str:
    """The ARN of a role in the other account that may read here, and is named by bucket and repository."""
    role = reader(enforced, "granted", *READING, PULLING)
    s3, ecr = enforced.client("s3"), enforced.client("ecr")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=BUCKET, Key="releases/1", Body=b"x")
    s3.put_object(Bucket=BUCKET, Key="secrets/1", Body=b"x")
    named = {"Principal": {"AWS": role}}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(*(each | named for each in READING)))
    ecr.create_repository(repositoryName=IMAGES)
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json"})
    ecr.put_image(repositoryName=IMAGES, imageManifest=manifest, imageTag="one")
    pulling = {name: value for name, value in PULLING.items() if name != "Resource"}
    ecr.set_repository_policy(repositoryName=IMAGES, policyText=policy(pulling | named))
    return role


def test_a_bucket_is_read_if_both_sides_allow_it(enforced: Enforced, granted: str) -> None:
    """What both name, and nothing beside it."""
    s3 = enforced.acting("s3", granted)
    assert s3.get_object(Bucket=BUCKET, Key="releases/1")["Body"].read() == b"x"
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 2
    for call, more in ((s3.get_object, {"Key": "secrets/1"}), (s3.put_object, {"Key": "releases/1"})):
        with pytest.raises(ClientError, match="AccessDenied"):
            call(Bucket=BUCKET, **more)


@pytest.mark.usefixtures("granted")
@pytest.mark.parametrize(
    ("name", "statements", "reason"),
    [
        ("not-named", [*READING, PULLING], "no resource-based policy allows"),
        ("not-allowed", [], "no resource-based policy allows"),
    ],
)
def test_one_side_is_not_enough(
    enforced: Enforced, name: str, statements: list[dict[str, Any]], reason: str
) -> None:
    """A role that is allowed everything by its own account and by nobody here, and one that has nothing."""
    role = reader(enforced, name, *statements)
    with pytest.raises(ClientError, match=reason):
        enforced.acting("s3", role).get_object(Bucket=BUCKET, Key="releases/1")
    with pytest.raises(ClientError, match=reason):
        enforced.acting("ecr", role).batch_get_image(
            registryId=ACCOUNT, repositoryName=IMAGES, imageIds=[{"imageTag": "one"}]
        )


def test_the_owners_consent_alone_is_not_enough(enforced: Enforced, granted: str) -> None:
    """The reader's own policy has to allow it as well."""
    iam = enforced.acting("iam", f"arn:aws:iam::{OTHER}:role/{ACCOUNT_ACCESS_ROLE}")
    iam.put_role_policy(RoleName="granted", PolicyName="own", PolicyDocument=policy(PULLING))
    with pytest.raises(ClientError, match="no identity-based policy allows the s3:GetObject action"):
        enforced.acting("s3", granted).get_object(Bucket=BUCKET, Key="releases/1")
    iam.put_role_policy(RoleName="granted", PolicyName="own", PolicyDocument=policy(*READING, PULLING))


def test_an_image_is_pulled_if_both_sides_allow_it(enforced: Enforced, granted: str) -> None:
    """By registryId; what the repository's policy does not name is refused."""
    ecr = enforced.acting("ecr", granted)
    asked = {"registryId": ACCOUNT, "repositoryName": IMAGES}
    (image,) = ecr.batch_get_image(**asked, imageIds=[{"imageTag": "one"}])["images"]
    assert image["registryId"] == ACCOUNT
    with pytest.raises(ClientError, match="no resource-based policy allows the ecr:PutImage action"):
        ecr.put_image(**asked, imageManifest="{}")
