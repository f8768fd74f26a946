"""What the package imports: nothing of Headrace, no other part in a circle, and no moto for the grammars."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import headrace_local

SOURCE = Path(headrace_local.__file__).parent
FILES = {
    ".".join(("headrace_local", *file.relative_to(SOURCE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): file
    for file in sorted(SOURCE.rglob("*.py"))
}
GRAMMARS = sorted(name for name in FILES if name.startswith("headrace_local.grammars."))


def _imported(file: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, at its top or anywhere below."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_it_knows_nothing_of_headrace() -> None:
    """No module imports the runtime or the commands: the package is installed and used without them."""
    names = {name.partition(".")[0] for file in FILES.values() for name in _imported(file)}
    assert not names & {"headrace", "headrace_aws", "pipelines"}
    assert "headrace_local" in names


def _unit(name: str) -> str:
    """Return the subpackage of a name, such as `headrace_local.iam`; a module at the top is one of its own."""
    return ".".join(name.split(".")[:2])


@pytest.mark.parametrize("is_module", [True, False], ids=["modules", "subpackages"])
def test_imports_make_no_circle(*, is_module: bool) -> None:
    """Neither modules nor subpackages import each other in a circle: `TopologicalSorter` raises `CycleError`."""
    imports: dict[str, set[str]] = {}
    for module, file in FILES.items():
        for name in _imported(file):
            target = name if name in FILES else name.rpartition(".")[0]
            if target in FILES and target != "headrace_local":
                importing, imported = (module, target) if is_module else (_unit(module), _unit(target))
                if importing != imported:
                    imports.setdefault(importing, set()).add(imported)
    assert len(list(TopologicalSorter(imports).static_order())) > 10


def test_the_grammars_need_no_moto() -> None:
    """A checker of templates and definitions loads neither the server nor a client of AWS."""
    code = (
        f"import sys, {', '.join(GRAMMARS)}; "
        "print({'moto', 'boto3', 'botocore', 'werkzeug', 'flask'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
