"""Draw every pipeline for the documentation: `headrace draw [--check]`.

The first model of `project.toml` lends its definitions: those of other models have the same states.
"""

import argparse
import sys
from pathlib import Path

from headrace.errors import HeadraceError
from headrace_aws.asl.diagrams.drawing import svg
from headrace_aws.asl.generated_files import Rendered
from headrace_aws.asl.render import load_pipelines
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root

FILES = Rendered(suffix=".svg", owner="pipeline", command="make graph")
DRAWINGS = Path("docs/pipelines")


def drawings(project: Project) -> dict[str, str]:
    """Return every drawing by its file name, `<pipeline>.svg`."""
    model = next(iter(project.models))
    return {
        f"{pipeline.NAME}.svg": svg(pipeline.definition(project, model), f"The pipeline {pipeline.NAME}")
        for pipeline in load_pipelines()
    }


def main(arguments: list[str] | None = None, folder: Path | None = None) -> int:
    """Draw, or with `--check` say what is stale; return the exit status."""
    parser = argparse.ArgumentParser(prog="headrace draw", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    options = parser.parse_args(arguments)
    try:
        drawn = drawings(load_project())
    except HeadraceError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command speaks
        return 1
    return FILES.status(drawn, folder or project_root() / DRAWINGS, check=options.check)
