"""Expressions become States Language."""

import pytest

from headrace.errors import DefinitionError
from headrace_aws.asl import expressions
from headrace_aws.asl.expressions import json_text, path, payload, text


def test_keys_of_expressions_end_in_dollar() -> None:
    """Only keys whose value is computed get the suffix, at any depth."""
    rendered = payload({"a": {"b": path("$.x"), "c": "plain"}, "d": [{"e": path("$.y")}], "f": True})
    assert rendered == {"a": {"b.$": "$.x", "c": "plain"}, "d": [{"e.$": "$.y"}], "f": True}


def test_a_list_with_an_expression_is_an_array() -> None:
    """States Language computes no single item, so such a list is a call of States.Array."""
    rendered = payload({"arguments": ["--split", json_text(path("$.split")), 3, True]})
    assert rendered == {"arguments.$": "States.Array('--split', States.JsonToString($.split), 3, true)"}


def test_text_counts_its_places() -> None:
    """A template has as many places as values; a substitution is no place."""
    template = "s3://${DataBucket}/runs/{}/"
    assert text(template, path("$.x")) == "States.Format('s3://${DataBucket}/runs/{}/', $.x)"
    with pytest.raises(DefinitionError, match=r"has 1 place\(s\) and 2 value\(s\)"):
        text(template, path("$.x"), path("$.y"))


def test_quotes_are_escaped() -> None:
    """A quote in a text does not end the text."""
    assert text("it's {}", path("$.x")) == r"States.Format('it\'s {}', $.x)"


def test_a_path_starts_with_a_dollar() -> None:
    """A forgotten dollar is told where the path is written."""
    with pytest.raises(DefinitionError, match=r"'raw' is no JSONPath"):
        path("raw")


def test_an_object_is_no_argument() -> None:
    """An intrinsic function takes no literal object."""
    with pytest.raises(DefinitionError, match="pass it by a path"):
        text("{}", {"a": 1})


def test_functions() -> None:
    """The other functions, as States Language spells them."""
    x = path("$.x")
    assert expressions.md5(x) == "States.Hash($.x, 'MD5')"
    assert expressions.merged(x, path("$.y")) == "States.JsonMerge($.x, $.y, false)"
    assert expressions.parts("${SubnetIds}", ",") == "States.StringSplit('${SubnetIds}', ',')"
    assert expressions.total(x, 1) == "States.MathAdd($.x, 1)"
    assert expressions.parsed_json(x) == "States.StringToJson($.x)"
