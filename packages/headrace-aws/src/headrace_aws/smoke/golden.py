"""Golden rows compared: with their training, and between two environments."""

import math
from collections.abc import Sequence

from headrace.artefact import GOLDEN_TOLERANCE
from headrace.golden import GoldenScores
from headrace_aws.smoke.check import Check, failed, noted, passed

# The same image on the same artefact: only what the processor does to a float's last bits may differ.
SKEW_TOLERANCE = 1e-9
_LISTED = 5  # how many rows a message lists


def training_checks(golden: GoldenScores, model: str) -> list[Check]:
    """Return whether a model scores as at its training, and whether this code can predict with it."""
    worst = _worst(golden.scores, golden.trained)
    subject = f"golden rows of {model}"
    if not worst <= GOLDEN_TOLERANCE:
        rows = _differences(golden.trained, golden.scores, GOLDEN_TOLERANCE, "at the training", "here")
        score = failed(
            subject,
            "\n".join(
                [
                    f"score otherwise than at the training, by up to {worst:.2g}",
                    *rows,
                    f"here: {_side(golden)}",
                ]
            ),
            "deploy the release before; then train a model with this one, or pin what the two images differ in",
        )
    else:
        score = passed(
            subject, f"{len(golden.rows)} rows score as at the training, within {GOLDEN_TOLERANCE:.0e}"
        )
    if golden.disagreement:
        return [score, noted("inference", f"not yet: {golden.disagreement}")]
    return [score, passed("inference", f"this code predicts with {model}")]


def skew_check(there: GoldenScores, here: GoldenScores, before: str) -> Check:
    """Return whether a model of the environment `before` scores here, row by row, what it scores there."""
    subject = f"skew against {before}"
    sides = [f"{before}: {_side(there)}", f"here: {_side(here)}"]
    if there.artefact != here.artefact or len(there.scores) != len(here.scores):
        return failed(
            subject,
            "\n".join(["two models were scored, not one", *sides]),
            f"run `make smoke ENV={before}` again, and then this",
        )
    worst = _worst(there.scores, here.scores)
    if not worst <= SKEW_TOLERANCE:
        rows = _differences(there.scores, here.scores, SKEW_TOLERANCE, f"in {before}", "here")
        return failed(
            subject,
            "\n".join([f"the same model scores otherwise, by up to {worst:.2g}", *rows, *sides]),
            "put the former release back (make rollback), and find what the two sides differ in: image, libraries, processor, or code that asks "
            "where it runs",
        )
    return passed(subject, f"{len(here.scores)} rows score as in {before}, within {SKEW_TOLERANCE:.0e}")


def _worst(left: Sequence[float | None], right: Sequence[float | None]) -> float:
    """Return the largest difference; infinity where a model gives no score."""
    return max(map(_difference, left, right), default=0.0)


def _difference(one: float | None, other: float | None) -> float:
    return math.inf if one is None or other is None else abs(one - other)


def _differences(
    left: Sequence[float | None],
    right: Sequence[float | None],
    tolerance: float,
    left_name: str,
    right_name: str,
) -> list[str]:
    """Return a line for each row whose scores differ, the first few of them."""
    found = [
        f"row {row}: {_score(one)} {left_name}, {_score(other)} {right_name}"
        for row, (one, other) in enumerate(zip(left, right, strict=True))
        if not _difference(one, other) <= tolerance
    ]
    more = [f"and {len(found) - _LISTED} rows more"] if len(found) > _LISTED else []
    return [*found[:_LISTED], *more]


def _score(score: float | None) -> str:
    return "no number" if score is None else repr(score)


def _side(golden: GoldenScores) -> str:
    """Return in words what scored."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(golden.versions.items()))
    return f"image {golden.image}, {versions}, {golden.machine}"
