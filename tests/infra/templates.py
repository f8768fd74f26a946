"""The CloudFormation templates of the project, read for tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headrace_aws.config.root import project_root
from headrace_aws.stacks.template import template_of
from headrace_local.grammars.template import Template

STACKS = project_root() / "infra" / "stacks"
TEMPLATES = sorted(STACKS.glob("*.yaml"))


def template(file: Path) -> Template:
    return template_of(file.name, file.read_text())


def resources(file: Path, kind: str = "") -> dict[str, dict[str, Any]]:
    return {
        name: resource
        for name, resource in template(file).resources.items()
        if resource["Type"].startswith(kind)
    }


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def policies(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every policy statement, wherever it stands."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for inner in value.values():
            yield from policies(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from policies(inner)


def allowed(file: Path, role: str) -> list[dict[str, Any]]:
    """Return the statements of a role: its own, and those of the managed policies that it names."""
    found = resources(file)
    properties = found[role]["Properties"]
    named = [found[each["Ref"]]["Properties"] for each in properties.get("ManagedPolicyArns", ())]
    return list(policies([properties.get("Policies", ()), *named]))
