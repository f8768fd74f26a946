"""Definitions in words."""

from typing import Any

import pytest

from headrace_aws.asl.diagrams.labels import condition, joined, resource, words

CAUSE: dict[str, Any] = {"Variable": "$.error.Cause"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"Variable": "$.a.passed", "BooleanEquals": True}, "passed"),
        ({"Variable": "$.a.passed", "BooleanEquals": False}, "not passed"),
        ({"Variable": "$.a.NextToken", "IsPresent": True}, "has next token"),
        ({"Variable": "$.list[0]", "IsPresent": False}, "no list"),
        ({"Variable": "$.a", "IsNull": True}, "a is null"),
        ({"Variable": "$.waits", "NumericLessThan": 4}, "waits < 4"),
        ({"Variable": "$.waits", "NumericGreaterThanEqualsPath": "$.limit"}, "waits ≥ limit"),
        ({"Variable": "$.day", "StringEquals": "Monday"}, "day = Monday"),
        ({"Variable": "$.day", "StringEquals": "a very long day of the week"}, "day = …"),
        ({"Not": {"Variable": "$.a", "IsPresent": True}}, "not has a"),
        (
            {"Or": [{**CAUSE, "StringMatches": "x" * 20}, {**CAUSE, "StringMatches": "y" * 20}]},
            "cause matches",
        ),
        (
            {
                "And": [
                    {**CAUSE, "IsPresent": True},
                    {"Or": [{**CAUSE, "StringMatches": "a*"}, {**CAUSE, "StringMatches": "b*"}]},
                ]
            },
            "cause like a* or cause like b*",
        ),
    ],
)
def test_a_condition_is_reported_shortly(rule: dict[str, Any], said: str) -> None:
    """By the last name of the path; what only guards another condition is left out."""
    assert condition(rule) == said


def test_the_whole_condition_is_there_as_well() -> None:
    """With paths and values as they stand in the definition."""
    rule = {"And": [{**CAUSE, "IsPresent": True}, {"Variable": "$.a", "NumericLessThan": 4}]}
    assert condition(rule, is_whole=True) == "$.error.Cause IsPresent True and $.a NumericLessThan 4"


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:aws:states:::sagemaker:createTrainingJob.sync", ("training job", True)),
        ("arn:aws:states:::sagemaker:createTrainingJob", ("create training job", False)),
        ("arn:aws:states:::aws-sdk:sagemaker:listModelPackages", ("list model packages", False)),
        ("arn:aws:states:::dynamodb:putItem", ("DynamoDB put item", False)),
        ("arn:aws:states:::states:startExecution.sync:2", ("start execution", False)),
        ("arn:aws:lambda:us-east-1:000000000000:function:f", ("Lambda function", False)),
        ("arn:aws:states:::glue:startJobRun.sync", ("GLUE start job run", False)),
    ],
)
def test_a_resource_is_reported_by_what_it_does(arn: str, said: tuple[str, bool]) -> None:
    """And whether it is a job of SageMaker that the task waits for."""
    assert resource(arn) == said


def test_paths_and_enumerations() -> None:
    """A path is its last name; an enumeration has each part once."""
    assert words("$.plan.content.trialList") == "trial list"
    assert words("$") == ""
    assert joined(["a", "b", "a", "c"]) == "a, b and c"
    assert joined([]) == ""
