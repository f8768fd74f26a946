"""What a target is given of an event."""

import json
from typing import Any

import pytest

from headrace_local.events.inputs import text

EVENT = {
    "id": "1",
    "time": "2026-11-22T10:00:00Z",
    "detail-type": "Kind",
    "resources": ["arn:a", "arn:b"],
    "detail": {"name": 'a "quoted" name', "count": 2, "inner": {"x": [1, "y"]}},
}


def given(target: Any) -> str:
    return text(target, EVENT, "arn:rule", "nightly")


def test_a_target_is_given_all_a_part_or_a_constant() -> None:
    """Without a word on it the whole event; InputPath a part of it as JSON; Input what it says."""
    assert json.loads(given({})) == EVENT
    assert given({"Input": '{"a": 1}'}) == '{"a": 1}'
    assert given({"InputPath": "$.detail.inner"}) == '{"x": [1, "y"]}'
    assert given({"InputPath": "$.detail-type"}) == '"Kind"'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"name": <name>, "n": <count>}', '{"name": "a \\"quoted\\" name", "n": 2}'),
        ('{"say": "it is <name>, <count>"}', '{"say": "it is a \\"quoted\\" name, 2"}'),
        ('"<first> is <inner>"', '"arn:a is {x: [1, y]}"'),
        ('{"inner": <inner>, "second": <second>}', '{"inner": {"x": [1, "y"]}, "second": "arn:b"}'),
        ('{"gone": <gone>, "text": "[<gone>]"}', '{"gone": "", "text": "[]"}'),
        (
            '{"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>}',
            '{"rule": "nightly", "arn": "arn:rule"}',
        ),
        ('{"at": <aws.events.event.ingestion-time>}', '{"at": "2026-11-22T10:00:00Z"}'),
        ('{"kept": "<b>"}', '{"kept": "<b>"}'),
        ('{"a": "\\"", "b": <count>}', '{"a": "\\"", "b": 2}'),
    ],
)
def test_a_template_is_filled(template: str, expected: str) -> None:
    """A variable is JSON outside quotes and text inside; one that finds nothing is empty; an unknown word stays."""
    paths = {
        "name": "$.detail.name",
        "count": "$.detail.count",
        "inner": "$.detail.inner",
        "first": "$.resources[0]",
        "second": "$.resources[1]",
        "gone": "$.detail.absent.more",
    }
    assert given({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}) == expected


def test_a_template_may_hold_the_event() -> None:
    """With `aws.events.event.json` all of it, with `aws.events.event` all but the detail; no path is needed."""
    transformer = {"InputTemplate": '{"all": <aws.events.event.json>, "head": <aws.events.event>}'}
    filled = json.loads(given({"InputTransformer": transformer}))
    assert filled["all"] == EVENT
    assert filled["head"] == {key: value for key, value in EVENT.items() if key != "detail"}
