"""AWS::S3::Bucket and AWS::S3::BucketPolicy."""

from collections.abc import Callable, Mapping

from botocore.exceptions import ClientError

from headrace_local.cloudformation.clients import Client
from headrace_local.cloudformation.identity import as_cloudformation
from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    ResourceError,
    deletes,
    differs,
    json_text,
    names,
    tag_list,
    tag_map,
)
from headrace_local.cloudformation.resources.s3_rules import (
    cors,
    encryption,
    lifecycle,
    logging,
    notification,
)
from headrace_local.grammars.template import Json

# How each property is put into effect: the client's method, its argument, the argument's form.
_SETTERS: Mapping[str, tuple[str, str, Callable[[Json], Json]]] = {
    "BucketEncryption": ("put_bucket_encryption", "ServerSideEncryptionConfiguration", encryption),
    "CorsConfiguration": ("put_bucket_cors", "CORSConfiguration", cors),
    "LifecycleConfiguration": ("put_bucket_lifecycle_configuration", "LifecycleConfiguration", lifecycle),
    "LoggingConfiguration": ("put_bucket_logging", "BucketLoggingStatus", logging),
    "NotificationConfiguration": (
        "put_bucket_notification_configuration",
        "NotificationConfiguration",
        notification,
    ),
    "OwnershipControls": ("put_bucket_ownership_controls", "OwnershipControls", dict),
    "PublicAccessBlockConfiguration": ("put_public_access_block", "PublicAccessBlockConfiguration", dict),
    "VersioningConfiguration": ("put_bucket_versioning", "VersioningConfiguration", dict),
}
# What undoes a property that the template no longer has; versioning can only be suspended.
_REMOVERS: Mapping[str, Callable[[Client, str], Json]] = {
    "BucketEncryption": lambda s3, bucket: s3.delete_bucket_encryption(Bucket=bucket),
    "CorsConfiguration": lambda s3, bucket: s3.delete_bucket_cors(Bucket=bucket),
    "LifecycleConfiguration": lambda s3, bucket: s3.delete_bucket_lifecycle(Bucket=bucket),
    "LoggingConfiguration": lambda s3, bucket: s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={}),
    "NotificationConfiguration": lambda s3, bucket: s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={}
    ),
    "OwnershipControls": lambda s3, bucket: s3.delete_bucket_ownership_controls(Bucket=bucket),
    "PublicAccessBlockConfiguration": lambda s3, bucket: s3.delete_public_access_block(Bucket=bucket),
    "VersioningConfiguration": lambda s3, bucket: s3.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    ),
}


def _create_bucket(context: ResourceContext, properties: Properties) -> str:
    s3 = context.client("s3")
    bucket: str = properties.get("BucketName") or context.new_name(63).lower()
    if _exists(s3, bucket):  # in us-east-1 the API would answer that all is well
        raise ResourceError(f"{bucket} already exists")
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": context.region}}
    s3.create_bucket(Bucket=bucket, **({} if context.region == "us-east-1" else elsewhere))
    context.made(bucket)
    _configure(s3, bucket, properties, {})
    return bucket


def _exists(s3: Client, bucket: str) -> bool:
    try:
        with as_cloudformation():
            s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] != 404)  # noqa: PLR2004 - not found
    return True


def _configure(s3: Client, bucket: str, new: Properties, former: Properties) -> None:
    for name, (method, argument, form) in _SETTERS.items():
        if not differs(new, former, name):
            continue
        if name in new:
            value = form(new[name])
            if name == "LoggingConfiguration":
                value["LoggingEnabled"].setdefault("TargetBucket", bucket)
            getattr(s3, method)(Bucket=bucket, **{argument: value})
        else:
            _REMOVERS[name](s3, bucket)
    if tag_map(new) != tag_map(former):
        if tag_map(new):
            s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_list(tag_map(new))})
        else:
            s3.delete_bucket_tagging(Bucket=bucket)


def _update_bucket(context: ResourceContext, bucket: str, new: Properties, former: Properties) -> None:
    _configure(context.client("s3"), bucket, new, former)


def _bucket_attributes(context: ResourceContext, bucket: str, _properties: Properties) -> Mapping[str, Json]:
    return {
        "Arn": f"arn:aws:s3:::{bucket}",
        "DomainName": f"{bucket}.s3.amazonaws.com",
        "DualStackDomainName": f"{bucket}.s3.dualstack.{context.region}.amazonaws.com",
        "RegionalDomainName": f"{bucket}.s3.{context.region}.amazonaws.com",
        "WebsiteURL": f"http://{bucket}.s3-website-{context.region}.amazonaws.com",
    }


def _put_policy(context: ResourceContext, properties: Properties) -> str:
    bucket: str = properties["Bucket"]
    policy = json_text(properties["PolicyDocument"])
    context.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    return bucket


def _update_policy(context: ResourceContext, _bucket: str, new: Properties, _former: Properties) -> None:
    _put_policy(context, new)


HANDLERS = (
    Handler(
        "AWS::S3::Bucket",
        names("BucketName Tags") | frozenset(_SETTERS),
        _create_bucket,
        _update_bucket,
        deletes("s3", "delete_bucket", "Bucket"),
        _bucket_attributes,
        name="BucketName",
    ),
    Handler(
        "AWS::S3::BucketPolicy",
        names("Bucket PolicyDocument"),
        _put_policy,
        _update_policy,
        deletes("s3", "delete_bucket_policy", "Bucket"),
    ),
)
