"""The environments of `project.toml`: accounts, and what differs there."""

from typing import Literal, Self

from pydantic import Field, model_validator

from headrace.settings import Settings
from headrace_aws.config.texts import AccountId, Region, Schedule, SecurityGroupId, SubnetId, TimeZone

# The only values that CloudWatch Logs takes.
LogsRetentionInDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip

LOCAL = "local"
PLACEHOLDER_ACCOUNTS = frozenset({"000000000000", "111111111111", "123456789012", "222222222222"})


class Schedules(Settings):
    """When pipelines start by themselves, as `cron(...)` or `rate(...)`; empty is never."""

    retraining: Schedule = ""
    inference: Schedule = ""
    quality: Schedule = ""
    timezone: TimeZone = Field(default="UTC", description="Of the cron expressions, such as Europe/Berlin.")


class Environment(Settings):
    """One account and region, and what differs there."""

    account: AccountId
    region: Region
    approval: Literal["auto", "manual"] = Field(
        description="Whether a model that passes the gate is approved at once or waits for a person."
    )
    after: str | None = Field(
        default=None, description="The environment in which a release must be deployed first."
    )
    protected: bool = Field(
        default=False, description="Whether stacks cannot be deleted, and what has state not be replaced."
    )
    subnets: tuple[SubnetId, ...] = Field(
        default=(), description="Private subnets that jobs run in; none: those of the network stack."
    )
    security_groups: tuple[SecurityGroupId, ...] = Field(default=(), max_length=5)
    budget_in_usd_per_month: int = Field(
        default=0, ge=0, le=10**9, description="Beyond 80 % of it an e-mail tells `notify`; 0 is no budget."
    )
    notify: str | None = Field(
        default=None, description="An e-mail address that is told how each run ended, and of the budget."
    )
    logs_retention_in_days: LogsRetentionInDays = 90
    schedules: Schedules = Schedules()
    automation: bool = Field(
        default=False,
        description="Whether schedules, new raw data and alarms start pipelines; `make fire` does by hand.",
    )

    @model_validator(mode="after")
    def _has_a_whole_network_or_none(self) -> Self:
        if bool(self.subnets) != bool(self.security_groups):
            raise ValueError(
                "subnets and security_groups belong together; give both, or neither to use the network stack"
            )
        return self
