"""What a training job measured: the last value that each of its MetricDefinitions finds in the logs."""

import re
from pathlib import Path
from typing import Any

from moto.core.utils import utcnow


def final_metrics(definitions: list[dict[str, str]], logs: list[Path]) -> list[dict[str, Any]]:
    """Return FinalMetricDataList; a definition that finds no number in any log is left out."""
    found: dict[str, float] = {}
    for log in logs if definitions else []:
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                for definition in definitions:
                    value = _value(re.search(definition["Regex"], line))
                    if value is not None:
                        found[definition["Name"]] = value
    return [{"MetricName": name, "Value": value, "Timestamp": utcnow()} for name, value in found.items()]


def _value(match: "re.Match[str] | None") -> float | None:
    if match is None or match.re.groups == 0:
        return None
    try:
        return float(match.group(1))
    except (TypeError, ValueError):
        return None
