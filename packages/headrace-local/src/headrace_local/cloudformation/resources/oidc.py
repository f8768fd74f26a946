"""AWS::IAM::OIDCProvider."""

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Properties,
    ResourceContext,
    change_tags,
    delete_if_present,
    deletes,
    differs,
    names,
    ref_as,
    tag_list,
    tag_map,
)


def _create(context: ResourceContext, properties: Properties) -> str:
    answer = context.client("iam").create_open_id_connect_provider(
        Url=properties["Url"],
        ClientIDList=properties.get("ClientIdList", []),
        ThumbprintList=properties.get("ThumbprintList", []),
        Tags=tag_list(tag_map(properties)),
    )
    arn: str = answer["OpenIDConnectProviderArn"]
    return arn


def _update(context: ResourceContext, arn: str, new: Properties, former: Properties) -> None:
    iam = context.client("iam")
    if differs(new, former, "ClientIdList ThumbprintList"):
        # moto has no operation that changes the audiences; its URL gives the provider the same ARN again.
        delete_if_present(
            deletes("iam", "delete_open_id_connect_provider", "OpenIDConnectProviderArn"),
            context,
            arn,
            former,
        )
        _create(context, new)
        return
    change_tags(
        new,
        former,
        iam.tag_open_id_connect_provider,
        iam.untag_open_id_connect_provider,
        OpenIDConnectProviderArn=arn,
    )


HANDLERS = (
    Handler(
        "AWS::IAM::OIDCProvider",
        names("ClientIdList Tags ThumbprintList Url"),
        _create,
        _update,
        deletes("iam", "delete_open_id_connect_provider", "OpenIDConnectProviderArn"),
        ref_as("Arn"),
    ),
)
