"""What the monitor job says, as data that travels as JSON."""

from typing import Literal

from pydantic import Field

from headrace.drift.verdict import DriftVerdict

# A state machine reads the file whole, its states hold 256 KiB, and the record of the run is in there too.
MOST_BYTES = 190_000


class Drift(DriftVerdict):
    """The content of `drift.json`."""

    drift: Literal[0, 1] = Field(description="`drifted` as a number, for a metric.")


def drift_of(verdict: DriftVerdict) -> Drift:
    """Return the verdict on a batch in a form that a state machine can read."""
    drift = Drift(**dict(verdict), drift=1 if verdict.drifted else 0)
    while len(drift.model_dump_json().encode()) > MOST_BYTES and drift.features:
        # The report has them all; here the ones that drifted least are left out.
        drift = drift.model_copy(update={"features": drift.features[: len(drift.features) * 3 // 4]})
    return drift
