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
    training,
)
from pipelines.project import ROOT, Project, load_project

PIPELINES = (training, inference, quality, cross_validation, backtesting, retraining, bookkeeping)
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


def stale(texts: dict[str, str], folder: Path) -> list[str]:
    """Return what is wrong with the files in the folder, one line each; an empty list when all is current."""
    found = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.asl.json")}
    lines = []
    for name in sorted(texts.keys() | found.keys()):
        if name not in texts:
            lines.append(f"{folder / name}: belongs to no model and pipeline; run `make render`")
        elif name not in found:
            lines.append(f"{folder / name}: is missing; run `make render`")
        elif found[name] != texts[name]:
            lines.append(f"{folder / name}: is stale; run `make render`")
    return lines


def write(texts: dict[str, str], folder: Path) -> None:
    """Write every definition, and remove those that belong to no model and pipeline any more."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    for file in folder.glob("*.asl.json"):
        if file.name not in texts:
            file.unlink()


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
    if not options.check:
        write(texts, folder)
        return 0
    lines = stale(texts, folder)
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - a command speaks
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
