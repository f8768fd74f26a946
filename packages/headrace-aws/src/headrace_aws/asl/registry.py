"""Calls to the model registry, as states: the newest approved model, one version, and a new version."""

from collections.abc import Mapping, Sequence
from functools import partial

from headrace_aws.asl import placeholders
from headrace_aws.asl.expressions import EXECUTION, EXECUTION_NAME, Expression, Payload, md5, path, text
from headrace_aws.asl.outcomes import call
from headrace_aws.asl.states import Fields, Rule, State, choice, is_present

PENDING = "PendingManualApproval"
CONTENT_TYPES: Sequence[Payload] = ("text/csv", "application/json")


def newest_approved(  # noqa: PLR0913 - a search has this many independent parts, all named
    name: str, question: str, *, found: str, none: str, at: str, catch: Sequence[Fields]
) -> tuple[State, State, State]:
    """Return the states that look for the newest approved version, whose summary is then `newest(at)`.

    The API filters a page after it was cut, so a page may be empty and still have a successor: as long as there
    is one, the search goes on.

    Args:
        name: of the first state.
        question: name of the state that asks whether there is one.
        found: the state to go to when there is one.
        none: the state to go to when there is none.
        at: path of the answer.
        catch: where errors go.

    """
    parameters: dict[str, Payload] = {
        "ModelPackageGroupName": placeholders.MODEL_PACKAGE_GROUP,
        "ModelApprovalStatus": "Approved",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 20,
    }
    search = partial(
        call,
        resource="aws-sdk:sagemaker:listModelPackages",
        at=at,
        catch=catch,
    )
    further = f"{name} further"
    return (
        search(name, parameters=parameters),
        choice(
            question,
            Rule(is_present(newest(at)), then=found),
            Rule(is_present(f"{at}.NextToken"), then=further),
            otherwise=none,
        ),
        search(further, parameters={**parameters, "NextToken": path(f"{at}.NextToken")}, then=question),
    )


def newest(at: str) -> str:
    """Return the path of the newest version's summary, in an answer at `at`."""
    return f"{at}.ModelPackageSummaryList[0]"


def version(
    name: str, arn: Expression, *, at: str, catch: Sequence[Fields], evaluated: bool = False
) -> State:
    """Return the state that looks up one version: `<at>` then holds its `arn` and its `artefact`, an S3 URI.

    With `evaluated` also the URI of its `evaluation`, which a version has that a pipeline registered.
    """
    select = {
        "arn": path("$.ModelPackageArn"),
        "artefact": path("$.InferenceSpecification.Containers[0].ModelDataUrl"),
    }
    if evaluated:
        select["evaluation"] = path("$.ModelMetrics.ModelQuality.Statistics.S3Uri")
    parameters = {"ModelPackageName": arn}
    return call(name, "aws-sdk:sagemaker:describeModelPackage", parameters, select=select, at=at, catch=catch)


def new_version(  # noqa: PLR0913 - a version has this many independent parts, all named
    name: str,
    *,
    artefact: Expression,
    evaluation: Expression,
    metadata: Mapping[str, Expression],
    at: str,
    catch: Sequence[Fields],
    approval: str = placeholders.MODEL_APPROVAL_STATUS,
    then: str | None = None,
) -> State:
    """Return the state that registers an artefact; `<at>.arn` then holds the ARN of the version.

    Args:
        name: of the state.
        artefact: S3 URI of the model.tar.gz.
        evaluation: S3 URI of the evaluation.json that judged it.
        metadata: what the version was made from, beside the commit and the execution.
        at: path of the answer.
        catch: where errors go.
        approval: its status, by default the environment's.
        then: the state to go to.

    """
    parameters: dict[str, Payload] = {
        "ModelPackageGroupName": placeholders.MODEL_PACKAGE_GROUP,
        "ModelPackageDescription": text("Made by the run {}.", EXECUTION_NAME),
        "ModelApprovalStatus": approval,
        # Registers once, however often the call is repeated.
        "ClientToken": md5(EXECUTION),
        "InferenceSpecification": {
            "Containers": [{"Image": placeholders.IMAGE_URI, "ModelDataUrl": artefact}],
            "SupportedContentTypes": CONTENT_TYPES,
            "SupportedResponseMIMETypes": CONTENT_TYPES,
        },
        "ModelMetrics": {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": evaluation}}
        },
        "CustomerMetadataProperties": {
            "commit": placeholders.GIT_COMMIT,
            "execution": EXECUTION,
            **metadata,
        },
    }
    select = {"arn": path("$.ModelPackageArn")}
    return call(
        name,
        "aws-sdk:sagemaker:createModelPackage",
        parameters,
        select=select,
        at=at,
        catch=catch,
        then=then,
    )
