"""What became of a model's golden rows in one place: the scores there, and what may make them differ."""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from headrace.artefact import MANIFEST, Artefact, check_schema, read_artefact, versions
from headrace.errors import ArtefactError
from headrace.fingerprint import fingerprint_of_files
from headrace.model import load_model
from headrace.settings import Record

FILE = "golden.json"


class GoldenScores(Record):
    """The content of `golden.json`. Row `i` of `rows` had `trained[i]` at its training and has `scores[i]` here."""

    artefact: str = Field(
        description="Fingerprint of the artefact's manifest, which holds the hash of each file."
    )
    trained_by: str = Field(description="The commit that trained the model.")
    image: str = Field(description="The image that scored.")
    rows: list[dict[str, Any]]
    trained: list[float]
    scores: list[float | None] = Field(description="None where the model gives no finite number.")
    disagreement: str = Field(
        description="Why the code no longer makes this model's features, so that it cannot predict; empty: it can."
    )
    versions: Mapping[str, str] = Field(description="Of Python and of each library that scores depend on.")
    machine: str = Field(description="System and processor.")


def golden_scores(folder: Path, image: str) -> GoldenScores:
    """Score the golden rows of the model in a folder; raise `ArtefactError` when it is damaged."""
    artefact, golden = read_artefact(folder)
    return GoldenScores(
        artefact=fingerprint_of_files([folder / MANIFEST], folder),
        trained_by=artefact.facts.commit,
        image=image,
        rows=golden.rows,
        trained=golden.trained.tolist(),
        scores=[score if np.isfinite(score) else None for score in golden.scores(artefact.fitted).tolist()],
        disagreement=_disagreement(artefact),
        versions=versions(),
        machine=platform.platform(),
    )


def _disagreement(artefact: Artefact) -> str:
    try:
        check_schema(artefact, load_model(artefact.facts.package))
    except ArtefactError as error:
        return str(error)
    return ""
