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
from pipelines.rendered import Rendered

FILES = Rendered(suffix=".svg", owner="pipeline", command="make graph")
DRAWINGS = ROOT / "docs" / "pipelines"


def drawings(project: Project) -> dict[str, str]:
    """Return every drawing by its file name, `<pipeline>.svg`."""
    model = next(iter(project.models))
    return {
        f"{pipeline.NAME}.svg": svg(pipeline.definition(project, model), f"The pipeline {pipeline.NAME}")
        for pipeline in PIPELINES
    }


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
    return FILES.status(drawn, folder, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
