"""One run, as its state machine recorded it in the run table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from headrace import strict_json
from headrace.errors import DataError
from headrace.faults import faults_of
from headrace.settings import Record

STATUSES = frozenset(
    {
        "registered",
        "refused",
        "published",
        "measured",
        "summarised",
        "retrained",
        "skipped",
        "failed",
        "aborted",
        "timed-out",
    }
)


def _values(texts: dict[str, Any]) -> dict[str, Any]:
    """Return hyperparameters as the values that their texts stand for, as a run that failed early has texts only."""
    return {name: _value(text) for name, text in texts.items()}


def _object(text: object) -> object:
    return strict_json.loads(text, "it") if isinstance(text, str) else text


def _value(text: object) -> object:
    try:
        value: object = strict_json.loads(text, "hyperparameter") if isinstance(text, str) else text
    except ValueError:
        return text
    return value if isinstance(value, int | float) else text


Object = Annotated[dict[str, Any], BeforeValidator(_object)]
Hyperparameters = Annotated[Object, AfterValidator(_values)]


class RunRecord(Record):
    """What is known of a run that has ended. A figure or a text that its pipeline does not have is empty."""

    model: str
    run: str  # <start, ISO 8601>#<name of the execution>: the sort key
    pipeline: str
    execution: str  # ARN
    status: str
    started_at: datetime
    ended_at: datetime
    commit: str = ""
    image: str = ""
    hyperparameters: Hyperparameters = Field(default={})
    metrics: Object = Field(default={})
    verdict: Object = Field(default={})
    best: Hyperparameters = Field(default={}, description="Those that a cross-validation found.")
    data_fingerprint: str = ""
    model_package_arn: str = ""
    report: str = ""  # S3 URI
    summary: str = ""
    trigger: str = ""
    error: str = ""
    cause: str = ""

    @property
    def name(self) -> str:
        """Name of the execution."""
        return self.execution.rpartition(":")[2]

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.ended_at - self.started_at).total_seconds()

    @property
    def version(self) -> str:
        """Number of the model package that the run made or used, or an empty text."""
        return self.model_package_arn.rpartition("/")[2]

    def key(self, place: str) -> str:
        """Return the S3 key of what the run wrote, such as `prepare/profile/profile.json`."""
        return f"{self.model}/runs/{self.pipeline}/{self.name}/{place}"


def run_of_item(item: Mapping[str, Mapping[str, Any]]) -> RunRecord:
    """Return the run that an item of the table holds; raise `DataError` when the item is no record of a run."""
    values = {name: next(iter(typed.values())) for name, typed in item.items()}
    try:
        return RunRecord.model_validate(values)
    except ValidationError as error:
        name = values.get("run", "an item")
        raise DataError(
            f"the record {name} of {values.get('model')} in the run table cannot be read: "
            f"{'; '.join(faults_of(error, 'record'))}; mend the item, or delete it"
        ) from error
