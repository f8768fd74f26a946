"""AWS::SageMaker::ModelPackageGroup."""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    given,
    names,
    tag_list,
    tag_map,
)
from headrace_local.grammars.template import Json


def _create(context: ResourceContext, properties: Properties) -> str:
    answer = context.client("sagemaker").create_model_package_group(
        **given(properties, "ModelPackageGroupName ModelPackageGroupDescription"),
        **({"Tags": tag_list(tag_map(properties))} if tag_map(properties) else {}),
    )
    arn: str = answer["ModelPackageGroupArn"]
    return arn


def _update(context: ResourceContext, arn: str, new: Properties, former: Properties) -> None:
    sagemaker = context.client("sagemaker")
    change_tags(new, former, sagemaker.add_tags, sagemaker.delete_tags, ResourceArn=arn)


def _delete(context: ResourceContext, arn: str, _properties: Properties) -> None:
    try:
        context.client("sagemaker").delete_model_package_group(ModelPackageGroupName=arn.rsplit("/", 1)[1])
    except ClientError as error:  # SageMaker has one code for all that is wrong
        if "does not exist" not in error.response["Error"]["Message"]:
            raise


def _attributes(context: ResourceContext, arn: str, _properties: Properties) -> Mapping[str, Json]:
    group = context.client("sagemaker").describe_model_package_group(
        ModelPackageGroupName=arn.rsplit("/", 1)[1]
    )
    return {
        "ModelPackageGroupArn": arn,
        "CreationTime": group["CreationTime"].isoformat(),
        "ModelPackageGroupStatus": group["ModelPackageGroupStatus"],
    }


HANDLERS = (
    Handler(
        "AWS::SageMaker::ModelPackageGroup",
        names("ModelPackageGroupDescription ModelPackageGroupName Tags"),
        _create,
        _update,
        _delete,
        _attributes,
        name="ModelPackageGroupName",
    ),
)
