"""The functions of templates, where no stack is needed to see what they give."""

import pytest

from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template_functions import Scope, resolved

SCOPE = Scope({}, {}, {}, lambda name, _: name, lambda name: name)


def test_an_error_inside_a_function_is_the_one_that_is_reported() -> None:
    """The innermost message stays: the functions around it do not replace it by their own."""
    with pytest.raises(TemplateError, match="cannot select nonexistent value at index 2"):
        resolved({"Fn::Join": ["", [{"Fn::Select": [2, ["a", "b"]]}]]}, SCOPE)
