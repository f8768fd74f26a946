"""What may import what: the layers of headrace_aws, and the packages."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import headrace
import headrace_aws
from headrace_aws.config.project import load_project

# From the bottom to the top. A module or folder imports from the layers below its own, and not from its own. What is
# not listed is a command above them all, which only the command line may import.
LAYERS = (
    {"config", "formatting", "markdown", "waiting", "whole_files"},
    {"aws_words", "commit", "local_aws", "naming", "s3_objects"},
    {"session"},
    {"model_context"},
    {"cli"},
    {"asl", "data", "github"},
    {"release"},
    {"stacks"},
    {"deploy", "runs"},
    {"registry", "teardown"},
    {"plan", "smoke"},
    {"preview"},
)


def imported(file: Path) -> Iterator[str]:
    """Yield the full name of each module that a file imports, also inside a function."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(package: str) -> Iterator[tuple[str, str]]:
    """Yield each import of a package: the path of the file below it, and what it imports."""
    [folder] = map(Path, sys.modules[package].__path__)
    for file in folder.rglob("*.py"):
        yield from ((file.relative_to(folder).as_posix(), name) for name in imported(file))


def test_imports_of_headrace_aws_lead_down() -> None:
    """So there is no circle, and a command below never needs one above."""
    layer = {name: number for number, names in enumerate(LAYERS) for name in names}
    up = set()
    for file, name in imports(headrace_aws.__name__):
        package, _, rest = name.partition(".")
        own, other = file.partition("/")[0].removesuffix(".py"), rest.partition(".")[0]
        top = len(LAYERS) + (own in {"__main__", "program"})
        if (
            package == headrace_aws.__name__
            and own != other
            and layer.get(other, len(LAYERS)) >= layer.get(own, top)
        ):
            up.add(f"{file} imports {name}")
    assert sorted(up) == []


def test_what_a_team_edits_is_loaded_and_never_imported() -> None:
    """project.toml names the models; the runtime knows neither the commands nor the local AWS."""
    edited = {"pipelines", "infra", "tests", *(model.package for model in load_project().models.values())}
    forbidden = {
        headrace.__name__: {headrace_aws.__name__, "headrace_local", *edited},
        headrace_aws.__name__: edited,
    }
    found = {
        f"{package}/{file} imports {name}"
        for package, names in forbidden.items()
        for file, name in imports(package)
        if name.partition(".")[0] in names
    }
    assert sorted(found) == []
