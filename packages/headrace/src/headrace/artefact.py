"""The model artefact: a folder of data that tells what made the model, and proves itself when it is loaded.

model.json     manifest: facts, raw schema, features, and the SHA-256 of each other file
profile.json   profile of the training data, the baseline that drift is measured against
golden.json    a few rows of features with their scores
...            the model's own files, written by `Fitted.save`
"""

import platform
import shutil
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from headrace import strict_json
from headrace.arrays import Scores
from headrace.container import UNPACKED
from headrace.errors import ArtefactError, HeadraceError
from headrace.evaluation import ModelFacts
from headrace.examples import Examples
from headrace.fingerprint import fingerprint_of_code, fingerprint_of_files
from headrace.model import Fitted, Model, load_model
from headrace.profile import Profile
from headrace.settings import Record, Settings
from headrace.stored_files import first_line, read_record

FORMAT = 1
MANIFEST = "model.json"
GOLDEN_ROWS = 16
# Scores are 32-bit floats inside XGBoost; another processor may sum them in another order.
GOLDEN_TOLERANCE = 1e-5
LIBRARIES = ("narwhals", "numpy", "polars", "xgboost-cpu")
NEEDED = (
    "nothing can be scored with it: put back a former version of the object, or reject the model package "
    "(`make reject`), so that the one before is used"
)


class _Format(Record):
    """What is read first, as the rest depends on it."""

    format: int


class _GoldenRows(Record):
    """The content of `golden.json` in a model artefact."""

    rows: list[dict[str, Any]] = Field(min_length=1)
    scores: list[float]

    @model_validator(mode="after")
    def _has_a_score_a_row(self) -> Self:
        if len(self.rows) != len(self.scores):
            raise ValueError(f"it has {len(self.rows)} rows and {len(self.scores)} scores")
        return self


class Manifest(Record):
    """The content of `model.json`."""

    format: int
    facts: ModelFacts
    tables: list[dict[str, Any]] = Field(description="Schema of the raw tables.")
    features: dict[str, str] = Field(description="Each feature's kind and definition.")
    files: dict[str, str] = Field(description="SHA-256 of each other file.")


@dataclass(frozen=True)
class Artefact:
    """A model that was loaded and scores as it did when it was made."""

    facts: ModelFacts
    profile: Profile
    fitted: Fitted
    features: dict[str, str]  # each feature's kind and definition
    tables: list[dict[str, Any]]  # the schema of the raw tables

    def predict(self, examples: Examples) -> Scores:
        """Return the probability of class 1 of each row, shape (rows,)."""
        return self.fitted.predict(examples.features)


@dataclass(frozen=True)
class Golden:
    """A few rows of features, each with its score at the training."""

    rows: list[dict[str, Any]]
    trained: Scores

    def scores(self, fitted: Fitted) -> Scores:
        """Return what a model scores the rows now."""
        return fitted.predict(pl.DataFrame(self.rows, infer_schema_length=None))


def model_facts(
    package: str, profile: Profile, commit: str, hyperparameters: Settings, fitted: Fitted
) -> ModelFacts:
    """Return what made a model, as of now."""
    return ModelFacts(
        package=package,
        commit=commit,
        code_fingerprint=fingerprint_of_code(package),
        data_fingerprint=profile.data_fingerprint,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        hyperparameters=hyperparameters.model_dump(),
        rounds=fitted.rounds,
        versions=versions(),
    )


def write_artefact(folder: Path, artefact: Artefact, rows: Examples) -> None:
    """Write a model artefact into a folder; the golden rows are spread over `rows`."""
    fitted, profile = artefact.fitted, artefact.profile
    for path in folder.iterdir():  # what a former training by hand left; the folder itself may be a mount
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    fitted.save(folder)
    (folder / "profile.json").write_text(profile.model_dump_json(indent=2), encoding="utf-8")
    golden = rows.features.gather_every(max(1, len(rows.frame) // GOLDEN_ROWS)).head(GOLDEN_ROWS)
    (folder / "golden.json").write_text(
        strict_json.dumps(
            {
                "rows": golden.to_dicts(),
                "scores": fitted.predict(golden).tolist(),
            },
            indent=2,
        ),
        encoding="utf-8",
    )
    manifest = Manifest(
        format=FORMAT,
        facts=artefact.facts,
        tables=artefact.tables,
        features=artefact.features,
        files={
            path.relative_to(folder).as_posix(): fingerprint_of_files([path], folder)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path != folder / MANIFEST
        },
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")


def features_of(model: Model[Settings]) -> dict[str, str]:
    """Return each feature's kind and definition, to tell one feature from another of the same name."""
    return {feature.name: f"{feature.kind} {feature.definition}" for feature in model.features}


def tables_of(model: Model[Settings]) -> list[dict[str, Any]]:
    """Return the schema of the raw tables, as JSON holds it."""
    tables: list[dict[str, Any]] = strict_json.loads(
        strict_json.dumps([asdict(table) for table in model.tables]), "the tables"
    )
    return tables


def check_schema(artefact: Artefact, model: Model[Settings]) -> None:
    """Raise `ArtefactError` that names what differs when the code no longer makes what the artefact was trained on."""
    differences = _differences("feature", artefact.features, features_of(model))
    differences += _differences("column", _columns(artefact.tables), _columns(tables_of(model)))
    if not differences and artefact.tables != tables_of(model):
        differences = ["the key or the null values of a table changed"]
    if differences:
        raise ArtefactError(
            f"the model (commit {artefact.facts.commit}) and this code disagree: {'; '.join(differences)}; "
            f"train and approve a model of this code, or run the model's own commit"
        )


def _columns(tables: list[dict[str, Any]]) -> dict[str, object]:
    return {f"{table['name']}.{column['name']}": column for table in tables for column in table["columns"]}


def _differences(noun: str, before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Return in words how two mappings differ by their keys and values."""
    changes = {
        "is gone": [name for name in before if name not in now],
        "is new": [name for name in now if name not in before],
        "has changed": [name for name in before if name in now and before[name] != now[name]],
    }
    return [f"{noun} {name!r} {change}" for change, names in changes.items() for name in names]


def unpacked(folder: Path) -> Path:
    """Return the folder with the content of its model.tar.gz; itself, where a model lies in it unpacked."""
    archive = folder / "model.tar.gz"
    if not archive.exists():
        return folder
    target = folder / UNPACKED
    try:
        with tarfile.open(archive) as content:
            content.extractall(target, filter="data")
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        raise ArtefactError(
            f"{archive} is damaged, it cannot be unpacked: {first_line(error)}; {NEEDED}"
        ) from error
    return target


def load_artefact(folder: Path) -> Artefact:
    """Return the model of a folder; raise `ArtefactError` when it is damaged or does not score as it did."""
    artefact, golden = read_artefact(folder)
    _check_golden(golden, artefact.fitted, folder)
    return artefact


def read_artefact(folder: Path) -> tuple[Artefact, Golden]:
    """Return the model of a folder and its golden rows, not scored yet; raise `ArtefactError` when it is damaged."""
    found = read_record(_Format, folder / MANIFEST, ArtefactError, NEEDED).format
    if found != FORMAT:
        raise ArtefactError(
            f"{folder} has format {found}, and this code reads {FORMAT}; run the code that trained it, or train anew"
        )
    manifest = read_record(Manifest, folder / MANIFEST, ArtefactError, NEEDED)
    _check_files(folder, manifest.files)
    profile = read_record(Profile, folder / "profile.json", ArtefactError, NEEDED)
    golden = read_record(_GoldenRows, folder / "golden.json", ArtefactError, NEEDED)
    fitted = _restored(folder, load_model(manifest.facts.package))
    return (
        Artefact(manifest.facts, profile, fitted, manifest.features, manifest.tables),
        Golden(golden.rows, np.asarray(golden.scores, dtype=np.float64)),
    )


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    """Raise `ArtefactError` when a file of the manifest is missing, or not what it was at the training."""
    missing = [name for name in files if not (folder / name).is_file()]
    altered = [
        name
        for name, fingerprint in files.items()
        if name not in missing and fingerprint_of_files([folder / name], folder) != fingerprint
    ]
    for names, fault in ((missing, "missing"), (altered, "altered since the training")):
        if names:
            raise ArtefactError(f"{', '.join(names)} in {folder} {_is(names)} {fault}; {NEEDED}")


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _restored(folder: Path, model: Model[Settings]) -> Fitted:
    try:
        return model.restore(folder)
    except HeadraceError:
        raise
    except Exception as error:  # whatever the library of a model package raises
        raise ArtefactError(
            f"the model in {folder} cannot be restored: {type(error).__name__}: {first_line(error)}; {NEEDED}"
        ) from error


def versions() -> dict[str, str]:
    """Return the version of Python and of each library that scores depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def _check_golden(golden: Golden, fitted: Fitted, folder: Path) -> None:
    worst = float(np.abs(golden.scores(fitted) - golden.trained).max())
    if not worst <= GOLDEN_TOLERANCE:
        raise ArtefactError(
            f"the model in {folder} scores its golden rows otherwise than at its training (by up to {worst:.2g}); "
            f"run it with the versions that {MANIFEST} lists"
        )
