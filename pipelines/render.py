"""Writes every pipeline of every model as States Language: `python -m pipelines.render [--check]`."""

import argparse
import json
import sys
from pathlib import Path

from headrace.errors import HeadraceError
from headrace.model import load_model
from headrace.settings import settings_of
from pipelines import (
    backtesting,
    bookkeeping,
    cross_validation,
    inference,
    quality,
    retraining,
    smoke,
    training,
)
from pipelines.project import ROOT, Project, load_project
from pipelines.rendered import Rendered

PIPELINES = (training, inference, quality, cross_validation, backtesting, retraining, smoke, bookkeeping)
FILES = Rendered(suffix=".asl.json", owner="model and pipeline", command="make render")
DEFINITIONS = ROOT / "pipelines" / "definitions"


def rendered(project: Project) -> dict[str, str]:
    """Return the text of every definition by its file name, `<model>-<pipeline>.asl.json`."""
    return {
        f"{model}-{pipeline.NAME}.asl.json": f"{json.dumps(pipeline.definition(project, model), indent=2)}\n"
        for model in project.models
        for pipeline in PIPELINES
    }


def check_models(project: Project) -> None:
    """Raise `ConfigurationError` when a model of project.toml has no package, or one without such hyperparameters."""
    for name, model in project.models.items():
        settings_of(
            load_model(model.package).hyperparameters,
            model.hyperparameters,
            f"models.{name}.hyperparameters in project.toml",
        )


def main(arguments: list[str] | None = None, folder: Path = DEFINITIONS) -> int:
    """Render, or with `--check` say what is stale; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    options = parser.parse_args(arguments)
    try:
        project = load_project()
        check_models(project)
        texts = rendered(project)
    except HeadraceError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command speaks
        return 1
    return FILES.status(texts, folder, check=options.check)


if __name__ == "__main__":
    sys.exit(main())
