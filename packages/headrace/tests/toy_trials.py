"""Trials of the toy by the real jobs, as a state machine would run them, and what the aggregate job is given."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from reports import Document
from toy.example_data import visits

from headrace.jobs import split, train


def results_of(
    folder: Path, split_arguments: list[str], score: Callable[[], int], inputs: Mapping[str, str], output: str
) -> Path:
    """Split the toy's rows, train and score every trial, and return the inputs of the aggregate job.

    `inputs` of the job that scores are folders of the trial's part; beside them it is given the model.
    """
    with pytest.MonkeyPatch.context() as environment:
        (folder / "processing" / "input" / "raw").mkdir(parents=True)
        visits().write_csv(folder / "processing" / "input" / "raw" / "visits.csv")
        environment.setenv("SAGEMAKER_BASE_DIR", str(folder))
        assert split.main(["--model", "toy", *split_arguments]) == 0
        outputs = folder / "processing" / "output"
        for trial in json.loads((outputs / "trials" / "trials.json").read_text())["trials"]:
            part, work = outputs / "parts" / trial["part"], folder / trial["trial"]
            data, config, given = (work / name for name in ("input/data", "input/config", "processing/input"))
            for made in (data, config, given):
                made.mkdir(parents=True)
            for channel in ("train", "validation", "profile"):
                (data / channel).symlink_to(part / channel)
            (config / "hyperparameters.json").write_text(json.dumps(trial["hyperparameters"]))
            environment.setenv("SAGEMAKER_BASE_DIR", str(work))
            assert train.main(["--model", "toy"]) == 0
            (given / "model").symlink_to(work / "model")
            for name, source in inputs.items():
                (given / name).symlink_to(part / source)
            assert score() == 0
            shutil.copytree(
                work / "processing" / "output" / output, folder / "input" / "results" / trial["trial"]
            )
    shutil.copytree(outputs / "trials", folder / "input" / "trials")
    return folder / "input"


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
