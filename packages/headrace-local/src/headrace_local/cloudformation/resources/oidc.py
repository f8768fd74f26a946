"""AWS::IAM::OIDCProvider."""

from collections.abc import Mapping

from headrace_local.cloudformation.resources.handler import (
    Handler,
    Place,
    Properties,
    differs,
    names,
    tag_changes,
    tag_list,
    tag_map,
    taken_away,
)
from headrace_local.grammars.template import Json


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
        taken_away(_delete, place, arn, former)
        _create(place, new)
        return
    tags, removed = tag_changes(new, former)
    if tags:
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=tag_list(tags))
    if removed:
        iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=removed)


def _delete(place: Place, arn: str, _properties: Properties) -> None:
    place.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def _attributes(_place: Place, arn: str, _properties: Properties) -> Mapping[str, Json]:
    return {"Arn": arn}


HANDLERS = (
    Handler(
        "AWS::IAM::OIDCProvider",
        names("ClientIdList Tags ThumbprintList Url"),
        _create,
        _update,
        _delete,
        _attributes,
    ),
)
