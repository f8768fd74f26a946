"""What an evaluation says: metrics, slices, and the gate's verdict, as data that travels as JSON."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from headrace.settings import Metric, Record

LOWER_IS_BETTER: frozenset[Metric] = frozenset({"log_loss", "brier"})
METRIC_WORDS: Mapping[Metric, str] = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier score",
}


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


class Slice(Record):
    """The rows in which a column has one value."""

    column: str
    value: str
    metrics: Metrics


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
    champion: Metrics | None = Field(description="The approved model on the same rows.")
    champion_note: str = Field(default="", description="Why there is no champion to compare with.")
    slices: tuple[Slice, ...] = Field(description="In a file of their own, slices.json.")
    verdict: Verdict
