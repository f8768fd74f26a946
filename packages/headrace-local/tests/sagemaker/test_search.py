"""Search: training jobs and model packages by what they are."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_jobs import Jobs


@pytest.fixture(scope="module")
def searched(jobs: Jobs) -> Jobs:
    definitions = [{"Name": "loss", "Regex": "loss=([0-9.]+);"}]
    for name, depth, code in (("find-a", "2", "print('loss=0.5;')"), ("find-b", "10", "print('loss=0.25;')")):
        request = jobs.training(
            name, code, HyperParameters={"depth": depth}, Tags=[{"Key": "set", "Value": "find"}]
        )
        request["AlgorithmSpecification"]["MetricDefinitions"] = definitions
        jobs.run(request)
    jobs.run(jobs.training("find-c", "sys.exit(1)", Tags=[{"Key": "set", "Value": "find"}]))
    return jobs


def _names(jobs: Jobs, *filters: dict[str, str], operator: str = "And", **query: Any) -> str:
    ours = {"Name": "Tags.set", "Operator": "Equals", "Value": "find"}
    expression = {"Filters": [ours]}
    if filters:
        expression["SubExpressions"] = [{"Filters": list(filters), "Operator": operator}]  # type: ignore[assignment]
    query = {"SortBy": "CreationTime", "SortOrder": "Ascending", **query}
    answer = jobs.api.search(Resource="TrainingJob", SearchExpression=expression, **query)
    return "".join(found["TrainingJob"]["TrainingJobName"][-1] for found in answer["Results"])


@pytest.mark.parametrize(
    ("name", "operator", "value", "names"),
    [
        ("TrainingJobStatus", "Equals", "Completed", "ab"),
        ("TrainingJobStatus", "NotEquals", "Completed", "c"),
        ("TrainingJobName", "Contains", "FIND-A", "a"),
        ("TrainingJobName", "In", "find-a,find-c", "ac"),
        ("HyperParameters.depth", "GreaterThan", "5", "b"),
        ("HyperParameters.depth", "LessThanOrEqualTo", "2", "a"),
        ("HyperParameters.depth", "NotExists", None, "c"),
        ("HyperParameters.depth", "Exists", None, "ab"),
        ("Metrics.loss", "LessThan", "0.3", "b"),
        ("Metrics.loss", "GreaterThanOrEqualTo", "0.25", "ab"),
        ("CreationTime", "GreaterThan", "2020-01-01T00:00:00Z", "abc"),
        ("EnableManagedSpotTraining", "Equals", "false", "abc"),
        ("Tags.other", "Exists", None, ""),
    ],
)
def test_a_filter_compares(searched: Jobs, name: str, operator: str, value: str | None, names: str) -> None:
    """Numbers as numbers, times as times, what a job does not have never."""
    condition = {"Name": name, "Operator": operator}
    assert _names(searched, condition | ({"Value": value} if value else {})) == names


def test_filters_are_joined(searched: Jobs) -> None:
    """All of them, or any."""
    a = {"Name": "TrainingJobName", "Operator": "Equals", "Value": "find-a"}
    failed = {"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Failed"}
    assert _names(searched, a, failed) == ""
    assert _names(searched, a, failed, operator="Or") == "ac"


def test_results_are_ordered_and_paged(searched: Jobs) -> None:
    """By any property, and the last modified one first unless asked otherwise."""
    assert _names(searched, SortBy="Metrics.loss", SortOrder="Descending") == "abc"
    assert _names(searched, SortBy="LastModifiedTime", SortOrder="Descending") == "cba"
    expression = {"Filters": [{"Name": "Tags.set", "Operator": "Equals", "Value": "find"}]}
    pages = searched.api.get_paginator("search").paginate(
        Resource="TrainingJob", SearchExpression=expression, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Results"]) for page in pages] == [2, 1]


def test_the_registry_is_searched(jobs: Jobs) -> None:
    """Packages by group, version, approval and their own metadata; groups by name."""
    jobs.api.create_model_package_group(ModelPackageGroupName="searched")
    for commit in ("one", "two"):
        jobs.api.create_model_package(
            ModelPackageGroupName="searched", CustomerMetadataProperties={"commit": commit}
        )
    filters = [
        {"Name": "ModelPackageGroupName", "Operator": "Equals", "Value": "searched"},
        {"Name": "CustomerMetadataProperties.commit", "Operator": "Equals", "Value": "two"},
        {"Name": "ModelApprovalStatus", "Operator": "Equals", "Value": "PendingManualApproval"},
    ]
    (found,) = jobs.api.search(Resource="ModelPackage", SearchExpression={"Filters": filters})["Results"]
    assert found["ModelPackage"]["ModelPackageVersion"] == 2
    groups = jobs.api.search(Resource="ModelPackageGroup", SearchExpression={"Filters": filters[:1]})[
        "Results"
    ]
    assert [found["ModelPackageGroup"]["ModelPackageGroupName"] for found in groups] == ["searched"]


def test_what_is_not_searched_is_said(jobs: Jobs) -> None:
    """NestedFilters are refused by name."""
    nested = [{"NestedPropertyName": "InputDataConfig", "Filters": [{"Name": "InputDataConfig.ChannelName"}]}]
    with pytest.raises(ClientError, match="NestedFilters of a search is not supported by the local AWS"):
        jobs.api.search(Resource="TrainingJob", SearchExpression={"NestedFilters": nested})
