"""What SageMaker reports: jobs that change their status, and model packages that are registered or changed."""

from collections.abc import Mapping
from datetime import datetime

from headrace_local.events.event import Json, milliseconds, text_of
from headrace_local.events.rules import publish

_SOURCE = "aws.sagemaker"
_NAMES = {"HyperParameterTuning": "HyperParameter Tuning"}
# Members of DescribeModelPackage that say who did something, which AWS leaves out of the event.
_PRIVATE = frozenset({"CreatedBy", "LastModifiedBy"})


def job_changed(kind: str, description: Mapping[str, Json], tags: list[dict[str, str]]) -> None:
    """Report the status of a job; `kind` is Training, Processing, and so on, `description` what DescribeXJob says.

    As in AWS's examples, moments are milliseconds since 1970 and Tags a map.
    """
    arn = description[f"{kind}JobArn"]
    detail = _plain(description, milliseconds) | {"Tags": {tag["Key"]: tag["Value"] for tag in tags}}
    _, _, _, region, account, _ = arn.split(":", 5)
    name = _NAMES.get(kind, kind)
    publish(account, region, _SOURCE, f"SageMaker {name} Job State Change", [arn], detail)


def package_changed(description: Mapping[str, Json], updated: list[str] | None = None) -> None:
    """Report a model package that was registered, or of which `updated` members were changed."""
    arn = description["ModelPackageArn"]
    detail = _plain({key: value for key, value in description.items() if key not in _PRIVATE}, text_of)
    if updated is not None:
        detail["UpdatedModelPackageFields"] = updated
    _, _, _, region, account, _ = arn.split(":", 5)
    publish(account, region, _SOURCE, "SageMaker Model Package State Change", [arn], detail)


def _plain(value: Json, moment: Json) -> Json:
    """Return a value as JSON can have it: without what is not given, moments in the form of the event."""
    if isinstance(value, Mapping):
        return {key: _plain(item, moment) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_plain(item, moment) for item in value]
    return moment(value) if isinstance(value, datetime) else value
