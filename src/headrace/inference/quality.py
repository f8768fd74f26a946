"""Quality of past predictions, now that their labels are known, against what it was when the model was registered."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field

from headrace.arrays import Labels, Scores
from headrace.errors import DataError
from headrace.evaluation import Metrics, ModelFacts, Rule
from headrace.examples import Examples
from headrace.gate import found_in, tolerance_rules
from headrace.inference.predictions import Published
from headrace.metrics import metrics_of
from headrace.settings import QualityLimits, Record

DATES_KEPT = 400  # in quality.json, which a state machine reads whole


class DateQuality(Record):
    """The predictions of one run date whose labels are known."""

    date: str
    metrics: Metrics


class Quality(Record):
    """The content of `quality.json`."""

    summary: str = Field(description="One sentence for a notification.")
    drifted: bool
    drift: Literal[0, 1] = Field(description="`drifted` as a number, for a metric.")
    metrics: Metrics = Field(description="Of each labelled entity's newest prediction.")
    baseline: Metrics = Field(description="At the evaluation of the registered model.")
    rules: tuple[Rule, ...]
    dates: tuple[DateQuality, ...] = Field(description="Oldest first; a date without a label is left out.")
    rows_labelled: int = Field(description="Predicted entities whose label is known.")
    rows_predicted: int = Field(description="Entities with a prediction.")
    data_fingerprint: str = Field(description="SHA-256 over the raw tables.")


class Registered(Record):
    """What is read of a registered model's `evaluation.json`."""

    model: ModelFacts
    metrics: Metrics


def read_registered(folder: Path) -> Registered:
    """Return what quality was at registration; raise `DataError` when it cannot be read."""
    try:
        return Registered.model_validate_json((folder / "evaluation.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"no evaluation.json in {folder} that can be read: {error}; give that of the registered model"
        ) from error


@dataclass(frozen=True)
class Labelled:
    """Predictions with their labels, once for each run date and once for the newest of each entity."""

    newest: pl.DataFrame  # columns `time`, `score`, `label`
    by_date: dict[str, pl.DataFrame]
    rows_predicted: int

    @property
    def label(self) -> Labels:
        """Labels of the newest predictions, shape (rows,)."""
        return self.newest["label"].to_numpy()

    @property
    def score(self) -> Scores:
        """Scores of the newest predictions, shape (rows,)."""
        return self.newest["score"].to_numpy()


def labelled_of(published: list[Published], examples: Examples) -> Labelled:
    """Return published predictions, oldest first, with the labels that examples have for their entities.

    Raises `DataError` when a table has other entity columns than the examples, when no entity of the examples was
    predicted, and when none that was has a label.
    """
    entity = examples.frame["entity"].struct.unnest()
    for each in published:
        _check_keys(each, entity.schema)
    keys = entity.columns
    known = entity.with_columns(examples.frame["label"].cast(pl.Int8).alias("label"))
    by_date = {
        each.date: each.frame.join(known, on=keys, how="inner", nulls_equal=True) for each in published
    }
    dates = ", ".join(by_date)
    if not any(len(frame) for frame in by_date.values()):
        there_are = (
            f"{len(entity):,} rows from {examples.first} to {examples.last}" if len(entity) else "no rows"
        )
        raise DataError(
            f"no prediction of {dates} belongs to a row of the raw tables, which have {there_are}; put the tables with "
            f"the outcomes of the predicted rows in their place"
        )
    predicted = pl.concat([each.frame.select(*keys) for each in published]).n_unique()
    newest = pl.concat(list(by_date.values())[::-1]).unique(subset=keys, keep="first", maintain_order=True)
    newest = newest.drop_nulls("label").select("time", "score", "label")
    if newest.is_empty():
        raise DataError(
            f"none of the {predicted:,} predicted rows of {dates} has a label yet; run again when the outcomes are known"
        )
    return Labelled(
        newest=newest,
        by_date={
            date: rows
            for date, frame in by_date.items()
            if len(rows := frame.drop_nulls("label").select("time", "score", "label"))
        },
        rows_predicted=predicted,
    )


def quality_of(
    limits: QualityLimits, labelled: Labelled, baseline: Metrics, data_fingerprint: str
) -> Quality:
    """Return the quality of labelled predictions, judged when there are rows enough."""
    metrics = metrics_of(labelled.label, labelled.score)
    enough = metrics.rows >= limits.minimum_rows
    rules = tuple(
        rule if enough else rule.model_copy(update={"passed": True, "note": _too_few(limits)})
        for rule in tolerance_rules(limits.tolerance, metrics, baseline, "at the evaluation")
    )
    drifted = not all(rule.passed for rule in rules)
    dates = tuple(
        DateQuality(date=date, metrics=metrics_of(frame["label"].to_numpy(), frame["score"].to_numpy()))
        for date, frame in labelled.by_date.items()
    )
    return Quality(
        summary=_summary(limits, metrics, rules),
        drifted=drifted,
        drift=1 if drifted else 0,
        metrics=metrics,
        baseline=baseline,
        rules=rules,
        dates=dates[-DATES_KEPT:],
        rows_labelled=metrics.rows,
        rows_predicted=labelled.rows_predicted,
        data_fingerprint=data_fingerprint,
    )


def _check_keys(published: Published, schema: pl.Schema) -> None:
    found = {name: published.frame.schema.get(name) for name in schema}
    if found != dict(schema):
        told = ", ".join(f"{name} {dtype}" for name, dtype in published.frame.schema.items())
        wanted = ", ".join(f"{name} {dtype}" for name, dtype in schema.items())
        raise DataError(
            f"the predictions of {published.date} have the columns {told}, and the model's entity is {wanted}; run the "
            f"inference of that date again, or take it away"
        )


def _too_few(limits: QualityLimits) -> str:
    return f"not judged: fewer than {limits.minimum_rows:,} labelled rows"


def _summary(limits: QualityLimits, metrics: Metrics, rules: tuple[Rule, ...]) -> str:
    rows = f"{metrics.rows:,} labelled predictions"
    failed = [rule for rule in rules if not rule.passed]
    if failed:
        return f"Quality has drifted over {rows}: " + "; ".join(
            f"{rule.name}, found {found_in(rule)}" for rule in failed
        )
    if metrics.rows < limits.minimum_rows:
        return f"{rows} are too few to judge; {limits.minimum_rows:,} are asked for."
    if not rules:
        return f"{rows} were measured, and no limit of quality is set."
    return f"Quality over {rows} is within its {len(rules)} limit{'s' if len(rules) > 1 else ''}."
