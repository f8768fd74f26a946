"""The template of a stack, read by the same grammar as on the local AWS."""

from collections.abc import Mapping
from typing import Any

from headrace import strict_json
from headrace.errors import DeployError
from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template import Template, parsed


def template_of(stack: str, body: str | Mapping[str, Any]) -> Template:
    """Return the template of a stack from its text, or from the object that GetTemplate makes of JSON.

    Raises:
        DeployError: it is no template.
    """
    try:
        return parsed(body if isinstance(body, str) else strict_json.dumps(body))
    except TemplateError as error:
        raise DeployError(f"the template of stack {stack} cannot be read: {error}") from error
