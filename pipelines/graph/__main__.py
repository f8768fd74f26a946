"""Draws every pipeline for the documentation: `python -m pipelines.graph [--check]`.

The first model of `project.toml` lends its definitions: those of other models have the same states.
"""

import argparse
import sys
from pathlib import Path

from headrace.errors import HeadraceError
from pipelines.graph.drawing import svg
from pipelines.project import ROOT, Project, load_project
from pipelines.render import PIPELINES

DRAWINGS = ROOT / "docs" / "pipelines"


def drawings(project: Project) -> dict[str, str]:
    """Return every drawing by its file name, `<pipeline>.svg`."""
    model = next(iter(project.models))
    return {
        f"{pipeline.NAME}.svg": svg(pipeline.definition(project, model), f"The pipeline {pipeline.NAME}")
        for pipeline in PIPELINES
    }


def stale(drawn: dict[str, str], folder: Path) -> list[str]:
    """Return what is wrong with the files in the folder, one line each; an empty list when all is current."""
    found = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.svg")}
    lines = []
    for name in sorted(drawn.keys() | found.keys()):
        if name not in drawn:
            lines.append(f"{folder / name}: belongs to no pipeline; run `make graph`")
        elif name not in found:
            lines.append(f"{folder / name}: is missing; run `make graph`")
        elif found[name] != drawn[name]:
            lines.append(f"{folder / name}: is stale; run `make graph`")
    return lines


def write(drawn: dict[str, str], folder: Path) -> None:
    """Write every drawing, and remove those that belong to no pipeline any more."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in drawn.items():
        (folder / name).write_text(text, encoding="utf-8")
    for file in folder.glob("*.svg"):
        if file.name not in drawn:
            file.unlink()


def main(arguments: list[str] | None = None, folder: Path = DRAWINGS) -> int:
    """Draw, or with `--check` say what is stale; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.graph", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    options = parser.parse_args(arguments)
    try:
        drawn = drawings(load_project())
    except HeadraceError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command speaks
        return 1
    if not options.check:
        write(drawn, folder)
        return 0
    lines = stale(drawn, folder)
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - a command speaks
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
