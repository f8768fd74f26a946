"""A registered model of the toy, and folders for the jobs that use it."""

import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from toy.example_data import visits

from headrace.jobs import batch, collect, evaluate, monitor, predict, prepare, train

ROWS = 900


@dataclass(frozen=True)
class Registered:
    """What the registry holds of a model."""

    archive: Path  # model.tar.gz
    evaluation: Path  # evaluation.json


def registered(base: Path) -> Registered:
    """Run prepare, train and evaluate in a folder of their own."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SAGEMAKER_BASE_DIR", str(base))
        inputs, outputs = base / "processing" / "input", base / "processing" / "output"
        (inputs / "raw").mkdir(parents=True)
        visits().write_csv(inputs / "raw" / "visits.csv")
        assert prepare.main(["--model", "toy"]) == 0
        for name in ("train", "validation", "profile"):
            shutil.copytree(outputs / name, base / "input" / "data" / name)
        shutil.copytree(outputs / "profile", inputs / "profile")
        shutil.copytree(outputs / "test", inputs / "test")
        assert train.main(["--model", "toy"]) == 0
        archive = inputs / "model" / "model.tar.gz"
        archive.parent.mkdir()
        with tarfile.open(archive, "w:gz") as content:
            content.add(base / "model", ".")
        assert evaluate.main(["--no-report"]) == 0
    return Registered(archive, outputs / "evaluation" / "evaluation.json")


def newcomers(rows: int = ROWS, seed: int = 1) -> pl.DataFrame:
    """Return raw visits of people whom the training did not know, drawn as those were, outcomes included."""
    return visits(rows, seed).with_columns(pl.col("visitor") + 10_000)


@dataclass(frozen=True)
class Folders:
    """The folders of one processing job after the other."""

    base: Path
    model: Registered

    @property
    def inputs(self) -> Path:
        return self.base / "processing" / "input"

    @property
    def outputs(self) -> Path:
        return self.base / "processing" / "output"

    @property
    def message(self) -> str:
        """What a failed job said."""
        return (self.base / "output" / "message").read_text()

    def give_raw(self, rows: pl.DataFrame) -> None:
        """Put the raw table where the jobs find it, in place of another."""
        folder = self.inputs / "raw"
        folder.mkdir(parents=True, exist_ok=True)
        rows.write_csv(folder / "visits.csv")

    def give_model(self) -> Path:
        """Put the registered model where the jobs find it, and return its folder."""
        folder = self.inputs / "model"
        folder.mkdir(parents=True)
        shutil.copy(self.model.archive, folder)
        return folder

    def rewrite_model(self, name: str, change: dict[str, Any]) -> None:
        """Change the top of a JSON file of the model, whose manifest then agrees with it."""
        from headrace.fingerprint import fingerprint_of_files  # noqa: PLC0415 - used here alone

        folder = self.give_model()
        with tarfile.open(folder / "model.tar.gz") as content:
            content.extractall(folder, filter="data")
        (folder / "model.tar.gz").unlink()
        (folder / name).write_text(json.dumps(json.loads((folder / name).read_text()) | change))
        manifest = json.loads((folder / "model.json").read_text())
        if name in manifest["files"]:
            manifest["files"][name] = fingerprint_of_files([folder / name], folder)
            (folder / "model.json").write_text(json.dumps(manifest))

    def move_on(self, *names: str) -> None:
        """Make outputs the inputs of the next job, as S3 lies between them."""
        for name in names:
            (self.outputs / name).rename(self.inputs / name)

    def batched(self, *arguments: str) -> None:
        """Run the batch job, and hand on what it wrote."""
        assert batch.main(["--model", "toy", *arguments]) == 0
        self.move_on("examples", "batch")

    def predicted(self, *arguments: str) -> None:
        """Run the batch and the predict job, and hand on what they wrote."""
        self.give_model()
        self.batched(*arguments)
        assert predict.main([]) == 0
        self.move_on("predictions")

    def collected(self, *arguments: str) -> dict[str, Any]:
        """Run the collect job, hand on its table, and return what it says of it."""
        assert collect.main(list(arguments)) == 0
        (self.inputs / "predictions").rename(self.inputs / "predictions of predict")
        self.move_on("predictions")
        found: dict[str, Any] = json.loads((self.outputs / "table" / "table.json").read_text())
        return found

    def monitored(self, limits: str = "{}") -> dict[str, Any]:
        """Run the monitor job and return what it says."""
        assert monitor.main(["--limits", limits]) == 0
        found: dict[str, Any] = json.loads((self.outputs / "drift" / "drift.json").read_text())
        return found
