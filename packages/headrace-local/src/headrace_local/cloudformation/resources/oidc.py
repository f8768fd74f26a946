"""AWS::IAM::OIDCProvider."""

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Place,
    Properties,
    change_tags,
    deletes,
    differs,
    names,
    ref_as,
    tag_list,
    tag_map,
    taken_away,
)


def _create(place: Place, properties: Properties) -> str:
    answer = place.client("iam").create_open_id_connect_provider(
        Url=properties["Url"],
        ClientIDList=properties.get("ClientIdList", []),
        ThumbprintList=properties.get("ThumbprintList", []),
        Tags=tag_list(tag_map(properties)),
    )
    arn: str = answer["OpenIDConnectProviderArn"]
    return arn


def _update(place: Place, arn: str, new: Properties, former: Properties) -> None:
    iam = place.client("iam")
    if differs(new, former, "ClientIdList ThumbprintList"):
        # moto has no operation that changes the audiences; its URL gives the provider the same ARN again.
        taken_away(
            deletes("iam", "delete_open_id_connect_provider", "OpenIDConnectProviderArn"), place, arn, former
        )
        _create(place, new)
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
