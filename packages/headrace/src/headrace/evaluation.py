"""What an evaluation says: metrics, slices, and the gate's verdict, as data that travels as JSON."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, computed_field

from headrace.settings import Metric, Record

LOWER_IS_BETTER: frozenset[Metric] = frozenset({"log_loss", "brier"})
RANKING: frozenset[Metric] = frozenset({"roc_auc", "average_precision"})
METRIC_WORDS: Mapping[Metric, str] = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier score",
}


WIDE = 0.3  # an interval of ROC AUC wider than this tells next to nothing
NORMAL_95 = 1.96  # half-width of a 95 % interval, in standard errors


def roc_auc_interval(roc_auc: float, rows: int, positive_share: float) -> tuple[float, float]:
    """Return the 95 % interval of a ROC AUC; needs both classes.

    Its ends are the areas that lie 1.96 of their own standard errors from the one found: unlike an interval that takes the
    error of the area found, it is not empty where all pairs are in order, or none (Newcombe, 2006, "Confidence Intervals
    for an Effect Size Measure Based on the Mann-Whitney Statistic", part 2, method 5, Statistics in Medicine 25).
    """
    from scipy.optimize import brentq  # noqa: PLC0415 - commands read evaluations without it

    positive = max(1, round(positive_share * rows))
    negative = max(1, rows - positive)
    pairs_beyond = (positive + negative) / 2 - 1

    def beyond(area: float) -> float:
        spread = 1 + pairs_beyond * ((1 - area) / (2 - area) + area / (1 + area))
        variance = area * (1 - area) * spread / (positive * negative)
        return float((area - roc_auc) ** 2 - NORMAL_95**2 * variance)

    inside = min(max(roc_auc, 1e-9), 1 - 1e-9)
    low = float(brentq(beyond, 0, inside)) if roc_auc > 0 else 0.0
    high = float(brentq(beyond, inside, 1)) if roc_auc < 1 else 1.0
    return low, high


def worse_by(metric: Metric, value: float, reference: float) -> float:
    """Return how much worse a figure is than another; negative when it is better."""
    return value - reference if metric in LOWER_IS_BETTER else reference - value


class Metrics(Record):
    """How well scores fit labels, over `rows` rows. Figures that need both classes are None without them."""

    rows: int
    positive_share: float = Field(description="Share of rows whose label is 1.")
    mean_score: float = Field(description="Mean predicted probability; near positive_share when calibrated.")
    roc_auc: float | None
    average_precision: float | None
    log_loss: float = Field(description="Mean negative log-likelihood, in nats.")
    brier: float = Field(description="Mean squared difference of probability and label.")


class Gain(Record):
    """What a model gains in log loss, in nats a row, over a constant on the same rows; less than 0 is a loss."""

    mean: float
    low: float | None = Field(default=None, description="Lower end of the mean's 95 % interval.")
    high: float | None = None
    note: str = Field(default="", description="Why there is no interval.")


class Slice(Record):
    """The rows in which a column has one value."""

    column: str
    value: str
    metrics: Metrics

    @computed_field(description="95 % interval of the ROC AUC; None without one.")  # type: ignore[prop-decorator]
    @cached_property
    def roc_auc_interval(self) -> tuple[float, float] | None:
        """95 % interval of the ROC AUC; None where the rows have one class only."""
        metrics = self.metrics
        if metrics.roc_auc is None:
            return None
        return roc_auc_interval(metrics.roc_auc, metrics.rows, metrics.positive_share)

    @computed_field(description="Why its ranking cannot be judged; empty: it can.")  # type: ignore[prop-decorator]
    @property
    def note(self) -> str:
        """Why ROC AUC and average precision say nothing of these rows; empty where they do."""
        if self.roc_auc_interval is None:
            return "one class only"
        low, high = self.roc_auc_interval
        return "" if high - low <= WIDE else "too few rows"


class Rule(Record):
    """One rule of the gate, with the figure that it judged."""

    name: str = Field(description="What is asked, in words.")
    value: float | None = Field(description="The figure found; None when it could not be computed.")
    limit: float | None
    passed: bool
    note: str = Field(default="", description="Why a figure is missing, or which slice was the worst.")


class Verdict(Record):
    """Whether the model may be registered, and every rule that was asked."""

    passed: bool
    decision: Literal["pass", "refuse"]
    summary: str = Field(description="One sentence for a notification.")
    compared: bool = Field(
        default=True,
        description="False when there is an approved model that could not be compared: then a person decides.",
    )
    rules: tuple[Rule, ...]


class ModelFacts(Record):
    """What made the model."""

    package: str
    commit: str
    code_fingerprint: str = Field(description="SHA-256 over the source of headrace and the model package.")
    data_fingerprint: str = Field(description="SHA-256 over the raw tables.")
    created_at: str = Field(description="UTC, ISO 8601.")
    hyperparameters: dict[str, str | int | float | bool]
    rounds: int | None = Field(default=None, description="Boosting rounds kept, where the model has rounds.")
    versions: dict[str, str] = Field(description="Python and the libraries that fit the model.")


class Evaluation(Record):
    """The content of `evaluation.json`, and of `slices.json` beside it."""

    model: ModelFacts
    tested_from: str = Field(description="Time of the oldest test row, UTC, ISO 8601.")
    tested_until: str = Field(description="Time of the newest test row.")
    metrics: Metrics
    constant: Metrics = Field(
        description="A model that always says the positive share of the rows before the test."
    )
    gain: Gain
    champion: Metrics | None = Field(description="The approved model on the same rows.")
    champion_note: str = Field(default="", description="Why there is no champion to compare with.")
    slices: tuple[Slice, ...] = Field(description="In a file of their own, slices.json.")
    verdict: Verdict
