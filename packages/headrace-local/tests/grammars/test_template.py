"""Templates that are none: told with line and column, as CloudFormation does."""

import pytest

from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template import parsed

BUCKET = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n"
YAML, JSON = "YAML not well-formed. ", "JSON not well-formed. "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", f"{YAML}mapping values are not allowed in this context (line 1, column 5)"),
        ("[", f"{YAML}did not find expected node content (line 2, column 1)"),
        ("\tx", f"{YAML}found character that cannot start any token (line 1, column 1)"),
        ("a: *x", f"{YAML}found undefined alias (line 1, column 4)"),
        (f"{BUCKET}    Properties: {{a: .nan}}", f"{YAML}.nan is no number of JSON (line 4, column 21)"),
        (f"{BUCKET}    Properties: {{a: -.inf}}", f"{YAML}-.inf is no number of JSON (line 4, column 21)"),
        (f"{BUCKET}    Properties: {{a: 1.0e+999}}", f"{YAML}1.0e+999 is no number of JSON (line 4"),
        ('{"Resources": {"A": NaN}}', f"{JSON}NaN is no number of JSON: line 1 column 21"),
        ('{"Resources": {"A": 1e999}}', f"{JSON}1e999 is no number of JSON: line 1 column 21"),
        ('{"Resources": {', f"{JSON}Expecting property name enclosed in double quotes: line 1 column 16"),
        ('{"a":' * 100_000, f"{JSON}nested too deeply"),
        ("", "unsupported structure."),
        ("1: 2\na: 3", "unsupported structure."),
        ("Resources:\n  1:\n    Type: x", "the key 1 of Resources must be a text."),
        (f"{BUCKET}    DeletionPolicy: [a]", "DeletionPolicy of A must be one of"),
        (f"{BUCKET}    Properties: [a]", "[/Resources/A/Properties] must be an object."),
    ],
)
def test_what_is_no_template_is_reported_with_its_place(text: str, message: str) -> None:
    """In one line, without the words of a parser about strings in its memory."""
    with pytest.raises(TemplateError) as caught:
        parsed(text)
    assert str(caught.value).startswith(f"Template format error: {message}")
    assert "\n" not in str(caught.value)
