"""The price table: list prices of one region, dated, each with the page that says it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import Field, NonNegativeFloat, ValidationError

from headrace.errors import ConfigurationError
from headrace.faults import faults_of
from headrace.settings import Settings
from headrace_aws.config.root import project_root
from headrace_aws.config.toml import toml_of

FILE = Path("infra/prices.toml")
HOURS_OF_A_MONTH = 730  # as AWS counts


class Group(Settings):
    """Prices of a kind, and the page that says them."""

    source: str
    as_of: date
    prices: Mapping[str, NonNegativeFloat]


class Prices(Settings):
    """`prices.toml`, in US dollars."""

    region: str
    as_of: date = Field(description="When the table was last gone through.")
    currency: str
    instance_hour: Group
    volume_gb_month: Group
    state_transition: Group
    resource_month: Group
    not_counted: Group

    @property
    def transition(self) -> float:
        """Price of one state transition."""
        return self.state_transition.prices["standard"]

    @property
    def volume_gb_hour(self) -> float:
        """Price of a GB of a job's volume for an hour."""
        return self.volume_gb_month.prices["ssd"] / HOURS_OF_A_MONTH


def load_prices(file: Path | None = None) -> Prices:
    """Return the price table; raise `ConfigurationError` when it cannot be read."""
    file = file or project_root() / FILE
    try:
        return Prices.model_validate(toml_of(file))
    except ValidationError as error:
        raise ConfigurationError(
            f"{file.name} cannot be used: {'; '.join(faults_of(error, file.name, Prices))}"
        ) from error
