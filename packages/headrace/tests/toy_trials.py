"""Trials of the toy by the real jobs, as a state machine would run them, and what the aggregate job is given."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from reports import Document
from toy.example_data import visits

from headrace.jobs import split, train


def trained(folder: Path, part: Path, hyperparameters: Mapping[str, str], patch: pytest.MonkeyPatch) -> Path:
    """Train on a part, and return the folder that stood for /opt/ml."""
    data = folder / "input" / "data"
    data.mkdir(parents=True)
    for channel in ("train", "validation", "profile"):
        (data / channel).symlink_to(part / channel)
    (folder / "input" / "config").mkdir()
    (folder / "input" / "config" / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    patch.setenv("SAGEMAKER_BASE_DIR", str(folder))
    assert train.main(["--model", "toy"]) == 0
    return folder


def split_toy(folder: Path, arguments: list[str], patch: pytest.MonkeyPatch) -> tuple[Path, dict[str, Any]]:
    """Split the toy's rows, and return the folder of the parts and the trials."""
    (folder / "processing" / "input" / "raw").mkdir(parents=True)
    visits().write_csv(folder / "processing" / "input" / "raw" / "visits.csv")
    patch.setenv("SAGEMAKER_BASE_DIR", str(folder))
    assert split.main(["--model", "toy", *arguments]) == 0
    output = folder / "processing" / "output"
    return output / "parts", json.loads((output / "trials" / "trials.json").read_text())


def given_to(base: Path, inputs: Path) -> Path:
    """Give the job a copy of its inputs, and return the folder of results."""
    shutil.copytree(inputs, base / "processing" / "input")
    return base / "processing" / "input" / "results"


def summary(base: Path) -> dict[str, Any]:
    """Return what the job tells the state machine."""
    path = base / "processing" / "output" / "summary" / "summary.json"
    assert path.stat().st_size < 200 * 1024
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def report(base: Path) -> Document:
    """Return the report, which is well-formed and loads nothing."""
    document = Document((base / "processing" / "output" / "report" / "report.html").read_text())
    assert not {tag for tag, _ in document.tags} & {"script", "link", "img", "iframe", "object"}
    ids = [str(attributes["id"]) for _, attributes in document.tags if "id" in attributes]
    assert [each["href"] for each in document.elements("a")] == [f"#{name}" for name in ids]
    for drawing in document.elements("svg"):
        assert drawing.get("aria-label")
    return document


def message(base: Path) -> str:
    """Return the failure that SageMaker reads."""
    return (base / "output" / "message").read_text()


def failed(results: Path, trial: str, failure: dict[str, str]) -> None:
    """Let a trial have failed."""
    shutil.rmtree(results / trial)
    (results / trial).mkdir()
    (results / trial / "failure.json").write_text(json.dumps(failure))
