"""Buckets and keys that stacks make."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from stack_requests import resource


def _key(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": properties}


def test_a_bucket_has_every_setting_of_its_template(cloud: Any) -> None:
    """Encryption, versioning, public access block, ownership, lifecycle, tags and EventBridge reach S3."""
    name = cloud.name("bucket")
    bucket = resource(
        "AWS::S3::Bucket",
        BucketName=name,
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]},
                    },
                }
            ]
        },
        VersioningConfiguration={"Status": "Enabled"},
        PublicAccessBlockConfiguration={"BlockPublicAcls": "true", "RestrictPublicBuckets": True},
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
        LifecycleConfiguration={
            "Rules": [
                {
                    "Id": "runs",
                    "Status": "Enabled",
                    "Prefix": "runs/",
                    "ExpirationInDays": 90,
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 7},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
                    "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
                }
            ]
        },
        CorsConfiguration={"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 5}]},
        Tags=[{"Key": "project", "Value": "p"}],
    )
    cloud.create({"Key": _key(), "Bucket": bucket})
    s3 = cloud.client("s3")
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["BucketKeyEnabled"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"].endswith(cloud.physical_id("Key"))
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert (block["BlockPublicAcls"], block["BlockPublicPolicy"]) == (True, False)
    ownership = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_cors(Bucket=name)["CORSRules"][0]["MaxAgeSeconds"] == 5
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]
    assert lifecycle["Expiration"]["Days"] == 90
    assert lifecycle["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    assert lifecycle["NoncurrentVersionExpiration"]["NoncurrentDays"] == 7
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "project", "Value": "p"}]


def test_a_bucket_changes_in_place(cloud: Any) -> None:
    """A setting that comes is made, one that goes is taken back, and the objects stay."""
    name = cloud.name("bucket")

    def bucket(**properties: Any) -> dict[str, Any]:
        return {"Bucket": resource("AWS::S3::Bucket", BucketName=name, **properties)}

    cors = {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    cloud.create(bucket(CorsConfiguration=cors, Tags=[{"Key": "a", "Value": "1"}]))
    s3 = cloud.client("s3")
    s3.put_object(Bucket=name, Key="kept", Body=b"1")
    cloud.update(bucket(VersioningConfiguration={"Status": "Enabled"}))
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    for call in (s3.get_bucket_cors, s3.get_bucket_tagging):
        with pytest.raises(ClientError):
            call(Bucket=name)
    assert s3.get_object(Bucket=name, Key="kept")["Body"].read() == b"1"
    cloud.delete()
    assert "not empty" in cloud.reasons()["Bucket"]
    s3.delete_object(Bucket=name, Key="kept", VersionId="null")
    cloud.delete()
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=name)


def test_a_policy_that_denies_plain_http_is_kept_and_stops_no_request(cloud: Any) -> None:
    """The TLS-only statement is returned word for word; stock moto answers 403 to PutObject under it."""
    name = cloud.name("bucket")
    statement = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources = {
        "Bucket": resource("AWS::S3::Bucket", BucketName=name),
        "Policy": resource("AWS::S3::BucketPolicy", Bucket={"Ref": "Bucket"}, PolicyDocument=document),
    }
    cloud.create(resources)
    s3 = cloud.client("s3")
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]) == document
    s3.put_object(Bucket=name, Key="a", Body=b"1")
    assert s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a"}]})["Deleted"]


def test_a_policy_without_condition_still_denies(cloud: Any) -> None:
    """Only statements with a Condition are passed over."""
    name = cloud.name("bucket")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    resources = {
        "Bucket": resource("AWS::S3::Bucket", BucketName=name),
        "Policy": resource(
            "AWS::S3::BucketPolicy",
            Bucket={"Ref": "Bucket"},
            PolicyDocument={"Version": "2012-10-17", "Statement": statement},
        ),
    }
    cloud.create(resources)
    with pytest.raises(ClientError, match="Forbidden"):
        cloud.client("s3").put_object(Bucket=name, Key="a", Body=b"1")
    cloud.update({"Bucket": resources["Bucket"]})
    cloud.client("s3").put_object(Bucket=name, Key="a", Body=b"1")
    cloud.client("s3").delete_object(Bucket=name, Key="a")


def test_access_logs_go_to_a_bucket_whose_policy_allows_it(cloud: Any) -> None:
    """A policy with a TLS-only statement (Principal "*") beside the log delivery one; stock moto answers 500."""
    logs, data = cloud.name("logs"), cloud.name("data")
    statements = [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{logs}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": [f"arn:aws:s3:::{logs}/data/*"],
        },
    ]

    def resources(prefix: str) -> dict[str, Any]:
        logging = {"DestinationBucketName": logs, "LogFilePrefix": prefix}
        return {
            "Logs": resource("AWS::S3::Bucket", BucketName=logs),
            "Policy": resource(
                "AWS::S3::BucketPolicy",
                Bucket={"Ref": "Logs"},
                PolicyDocument={"Version": "2012-10-17", "Statement": statements},
            ),
            "Data": {
                "Type": "AWS::S3::Bucket",
                "DependsOn": "Policy",
                "Properties": {"BucketName": data, "LoggingConfiguration": logging},
            },
        }

    cloud.create(resources("data/"))
    assert cloud.client("s3").get_bucket_logging(Bucket=data)["LoggingEnabled"]["TargetBucket"] == logs
    cloud.update(resources("elsewhere/"), ends="UPDATE_ROLLBACK_COMPLETE")
    assert "necessary permissions" in cloud.reasons()["Data"]


def test_a_key_and_its_alias_change_in_place(cloud: Any) -> None:
    """Updating a key keeps the key; stock moto makes the resource None."""
    alias = f"alias/{cloud.name('key')}"
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}],
    }

    def resources(**properties: Any) -> dict[str, Any]:
        return {
            "Key": _key(KeyPolicy=policy, **properties),
            "Alias": resource("AWS::KMS::Alias", AliasName=alias, TargetKeyId={"Ref": "Key"}),
        }

    outputs = {
        "Arn": {"Value": {"Fn::GetAtt": "Key.Arn"}},
        "Id": {"Value": {"Fn::GetAtt": ["Key", "KeyId"]}},
    }
    cloud.create(resources(EnableKeyRotation=True, Tags=[{"Key": "a", "Value": "1"}]), Outputs=outputs)
    made = cloud.outputs()
    kms = cloud.client("kms")
    assert kms.get_key_rotation_status(KeyId=made["Id"])["KeyRotationEnabled"]
    assert json.loads(kms.get_key_policy(KeyId=made["Id"], PolicyName="default")["Policy"]) == policy
    after = resources(Description="changed", Enabled=False, Tags=[{"Key": "b", "Value": "2"}])
    cloud.update(after, Outputs=outputs)
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]
    assert (key["Arn"], key["Description"], key["Enabled"]) == (made["Arn"], "changed", False)
    assert not kms.get_key_rotation_status(KeyId=made["Id"])["KeyRotationEnabled"]
    assert kms.list_resource_tags(KeyId=made["Id"])["Tags"] == [{"TagKey": "b", "TagValue": "2"}]
    cloud.delete()
    assert kms.describe_key(KeyId=made["Id"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
