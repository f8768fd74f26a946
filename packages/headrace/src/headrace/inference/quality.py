"""Quality of past predictions, now that their labels are known, against what it was when the model was registered.

Judged is one model package, by the predictions that it made itself, of rows that it has not learnt from: those of the
test that it was registered by, and all that came later. Predictions of other rows, or by other packages, are measured
by run date, as information.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from pydantic import BeforeValidator, Field, PlainSerializer

from headrace.arrays import Labels, Scores
from headrace.errors import DataError
from headrace.evaluation import Metrics, ModelFacts, Rule
from headrace.examples import Examples
from headrace.gate import found_in, tolerance_rules
from headrace.inference.published import Published, Skipped
from headrace.metrics import metrics_of
from headrace.settings import QualityLimits, Record
from headrace.stored_files import read_record
from headrace.timestamps import parse_timestamp

DATES_KEPT = 300  # in quality.json, which a state machine reads whole
SKIPPED_KEPT = 60

# A state machine finds an object there in any case.
MetricsOrEmpty = Annotated[
    Metrics | None,
    BeforeValidator(lambda found: found or None),
    PlainSerializer(lambda metrics: metrics.model_dump() if metrics else {}, return_type=dict),
]


class DateQuality(Record):
    """The predictions of one run date whose labels are known, whoever made them."""

    date: str
    model_package_arn: str
    metrics: Metrics


class Quality(Record):
    """The content of `quality.json`."""

    summary: str = Field(description="One sentence for a notification.")
    drifted: bool
    drift: Literal[0, 1] = Field(description="`drifted` as a number, for a metric.")
    model_package_arn: str = Field(description="The model that is judged.")
    tested_from: str = Field(description="Rows before this time, UTC, may be what the model learnt from.")
    rows_judged: int = Field(
        description="Labelled rows that are not, by their newest prediction by the model."
    )
    metrics: MetricsOrEmpty = Field(description="Of the rows judged; empty without one.")
    baseline: Metrics = Field(description="At the evaluation of the registered model.")
    rules: tuple[Rule, ...]
    dates: tuple[DateQuality, ...] = Field(description="Oldest first; a date without a label is left out.")
    skipped: tuple[Skipped, ...] = Field(description="Dates whose predictions cannot be used; oldest first.")
    rows_labelled: int = Field(description="Predicted entities whose label is known.")
    rows_predicted: int = Field(description="Entities with a prediction.")
    data_fingerprint: str = Field(description="SHA-256 over the raw tables.")


@dataclass(frozen=True)
class Registered:
    """The model that is judged, as it was registered."""

    model_package_arn: str
    model: ModelFacts
    metrics: Metrics
    tested_from: datetime


class _Evaluation(Record):
    """What is read of a registered model's `evaluation.json`."""

    model: ModelFacts
    metrics: Metrics
    tested_from: str


def read_registered(folder: Path, model_package_arn: str) -> Registered:
    """Return what quality was at registration; raise `DataError` when it cannot be read."""
    needed = (
        f"predictions of {model_package_arn} are held against it: put back a former version of the object, or approve "
        f"another model package"
    )
    found = read_record(_Evaluation, folder / "evaluation.json", DataError, needed)
    tested_from = parse_timestamp(found.tested_from, "tested_from of evaluation.json")
    return Registered(model_package_arn, found.model, found.metrics, tested_from)


@dataclass(frozen=True)
class Labelled:
    """Published predictions whose labels are known: each run date's, and those by which the model is judged."""

    by_date: tuple[tuple[Published, pl.DataFrame], ...]  # frames with columns `time`, `score`, `label`
    judged: pl.DataFrame  # the same columns; the newest prediction of each entity
    by_model: int  # entities that the model has predicted, whatever their time
    rows: int  # entities, predicted by any model
    rows_predicted: int  # likewise, with a label or without

    @property
    def label(self) -> Labels:
        """Labels of the rows judged, shape (rows,)."""
        return self.judged["label"].to_numpy()

    @property
    def score(self) -> Scores:
        """Scores of the rows judged, shape (rows,)."""
        return self.judged["score"].to_numpy()


def labelled_of(published: list[Published], examples: Examples, registered: Registered) -> Labelled:
    """Return published predictions, oldest first, with the labels that examples have for their entities.

    Raises `DataError` when no entity of the examples was predicted, and when none that was has a label.
    """
    entity = examples.frame["entity"].struct.unnest()
    keys = entity.columns
    known = entity.with_columns(examples.frame["label"].cast(pl.Int8).alias("label"))
    found = [(each, each.frame.join(known, on=keys, how="inner", nulls_equal=True)) for each in published]
    dates = published[0].date if len(published) == 1 else f"{published[0].date} to {published[-1].date}"
    if not any(len(frame) for _, frame in found):
        there_are = (
            f"{len(entity):,} rows from {examples.first} to {examples.last}" if len(entity) else "no rows"
        )
        raise DataError(
            f"no prediction of {dates} belongs to a row of the raw tables, which have {there_are}; put the tables with "
            f"the outcomes of the predicted rows in their place"
        )
    predicted = pl.concat([each.frame.select(keys) for each in published]).n_unique()
    labelled = [(each, rows) for each, frame in found if len(rows := frame.drop_nulls("label"))]
    if not labelled:
        raise DataError(
            f"none of the {predicted:,} predicted rows of {dates} has a label yet; run again when the outcomes are known"
        )
    own = pl.concat(
        [
            labelled[0][1].clear(),
            *(
                rows
                for each, rows in labelled[::-1]
                if each.facts.model_package_arn == registered.model_package_arn
            ),
        ]
    ).unique(subset=keys, keep="first", maintain_order=True)
    columns = ["time", "score", "label"]
    return Labelled(
        by_date=tuple((each, rows.select(columns)) for each, rows in labelled),
        judged=own.filter(pl.col("time") >= registered.tested_from).select(columns),
        by_model=len(own),
        rows=pl.concat([rows.select(keys) for _, rows in labelled]).n_unique(),
        rows_predicted=predicted,
    )


def quality_of(
    limits: QualityLimits,
    labelled: Labelled,
    registered: Registered,
    skipped: list[Skipped],
    data_fingerprint: str,
) -> Quality:
    """Return the quality of labelled predictions, judged when there are rows enough."""
    metrics = metrics_of(labelled.label, labelled.score) if len(labelled.judged) else None
    rules = _rules(limits, metrics, registered.metrics)
    drifted = not all(rule.passed for rule in rules)
    dates = tuple(
        DateQuality(
            date=each.date,
            model_package_arn=each.facts.model_package_arn,
            metrics=metrics_of(frame["label"].to_numpy(), frame["score"].to_numpy()),
        )
        for each, frame in labelled.by_date[-DATES_KEPT:]
    )
    summary = _summary(limits, metrics, rules) if metrics is not None else _why_nothing(labelled, registered)
    return Quality(
        summary=summary + _words_of_skipped(skipped),
        drifted=drifted,
        drift=1 if drifted else 0,
        model_package_arn=registered.model_package_arn,
        tested_from=f"{registered.tested_from:%Y-%m-%dT%H:%M:%SZ}",
        rows_judged=len(labelled.judged),
        metrics=metrics,
        baseline=registered.metrics,
        rules=rules,
        dates=dates,
        skipped=tuple(skipped[-SKIPPED_KEPT:]),
        rows_labelled=labelled.rows,
        rows_predicted=labelled.rows_predicted,
        data_fingerprint=data_fingerprint,
    )


def _rules(limits: QualityLimits, metrics: Metrics | None, baseline: Metrics) -> tuple[Rule, ...]:
    if metrics is None:
        return ()
    rules = tuple(tolerance_rules(limits.tolerance, metrics, baseline, "at the evaluation"))
    if metrics.rows >= limits.minimum_rows:
        return rules
    note = f"not judged: fewer than {limits.minimum_rows:,} labelled predictions of new rows"
    return tuple(rule.model_copy(update={"passed": True, "note": note}) for rule in rules)


def _summary(limits: QualityLimits, metrics: Metrics, rules: tuple[Rule, ...]) -> str:
    rows = f"{metrics.rows:,} labelled predictions of new rows"
    failed = [rule for rule in rules if not rule.passed]
    if failed:
        reasons = "; ".join(f"{rule.name}, found {found_in(rule)}" for rule in failed)
        return f"Quality has drifted over {rows}: {reasons}."
    if metrics.rows < limits.minimum_rows:
        return f"{rows} are too few to judge; {limits.minimum_rows:,} are asked for."
    if not rules:
        return f"{rows} were measured, and no limit of quality is set."
    return f"Quality over {rows} is within its {len(rules)} limit{'s' if len(rules) > 1 else ''}."


def _why_nothing(labelled: Labelled, registered: Registered) -> str:
    """Return in one sentence why no labelled prediction may be judged, and what would help."""
    if not labelled.by_model:
        return (
            f"Nothing to judge yet: of {labelled.rows:,} labelled predictions none was made by "
            f"{registered.model_package_arn}; let it predict, and measure again when those outcomes are known."
        )
    return (
        f"Nothing to judge yet: all {labelled.by_model:,} labelled predictions that the model made are of rows before "
        f"{registered.tested_from:%Y-%m-%d %H:%M}, which it may have learnt from; let it predict later rows, and measure "
        f"again when their outcomes are known."
    )


def _words_of_skipped(skipped: list[Skipped]) -> str:
    if not skipped:
        return ""
    newest = skipped[-1]
    dates = "1 run date was" if len(skipped) == 1 else f"{len(skipped)} run dates were"
    return f" {dates} skipped, {newest.date}: {newest.reason}."
