"""Runs side by side: parameters, data, code and metrics, each row that differs marked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from headrace.errors import ConfigurationError
from headrace.evaluation import LOWER_IS_BETTER
from headrace.profile import Profile
from headrace.settings import Metric
from headrace_aws import formatting
from headrace_aws.runs.records.run_record import RunRecord

DIFFERS = "*"
_PAIR = 2
_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")


@dataclass(frozen=True)
class Compared:
    """A run, and what is known of its data."""

    run: RunRecord
    profile: Profile | None


def run_names(given: Sequence[str]) -> list[str]:
    """Return the names of runs from options of one or several each; raise `ConfigurationError` for fewer than two."""
    names = [name.strip() for option in given for name in option.split(",") if name.strip()]
    if len(names) < _PAIR:
        raise ConfigurationError(
            f"{formatting.count(len(names), 'run')} to compare, and it takes two: give --run A --run B. "
            f"(make keeps only the last of RUN=a RUN=b; write RUN=a,b)"
        )
    return names


def check_distinct(runs: Sequence[RunRecord], given: Sequence[str]) -> None:
    """Raise `ConfigurationError` when two of the names mean the same run."""
    seen: dict[str, str] = {}
    for run, name in zip(runs, given, strict=True):
        if run.execution in seen:
            raise ConfigurationError(
                f"{seen[run.execution]!r} and {name!r} are the same run, {run.name}; give another"
            )
        seen[run.execution] = name


def comparison_lines(compared: Sequence[Compared]) -> list[str]:
    """Return the comparison as lines in columns, one column a run."""
    runs = [each.run for each in compared]
    rows = [["", "", *(run.name for run in runs), ""]]
    for section, lines in (
        ("run", _run_rows(runs)),
        ("parameters", _object_rows([run.hyperparameters for run in runs])),
        ("data", _data_rows(compared)),
        ("code", _object_rows([{"commit": run.commit, "image": _image(run)} for run in runs])),
        ("metrics", _metric_rows(runs)),
    ):
        if lines:
            rows += [[""] * len(rows[0]), ["", section.upper(), *[""] * (len(rows[0]) - 2)], *lines]
    return [*formatting.columns(rows), "", f"{DIFFERS} differs", *_notes(compared)]


def _image(run: RunRecord) -> str:
    """Return the image without its registry, which is that of the environment."""
    return run.image.rpartition("/")[2]


def _run_rows(runs: Sequence[RunRecord]) -> list[list[str]]:
    facts = [
        {
            "model": run.model,
            "pipeline": run.pipeline,
            "started (UTC)": formatting.moment(run.started_at),
            "took": formatting.duration(run.seconds),
            "status": run.status,
            "version": run.version,
            "error": run.error,
        }
        for run in runs
    ]
    return _object_rows(facts)


def _data_rows(compared: Sequence[Compared]) -> list[list[str]]:
    """Return fingerprint, rows and times of the data; without a profile only the fingerprint is known."""
    facts = [
        {"fingerprint": each.run.data_fingerprint or (each.profile.data_fingerprint if each.profile else "")}
        | (_profile_facts(each.profile) if each.profile else {})
        for each in compared
    ]
    return _object_rows(facts)


def _profile_facts(profile: Profile) -> dict[str, Any]:
    facts: dict[str, Any] = {f"raw {table}, rows": rows for table, rows in profile.raw_rows.items()}
    for name, part in profile.splits.items():
        facts |= {
            f"{name}, rows": part.rows,
            f"{name}, positive share": part.positive_share,
            f"{name}, first": part.first,
            f"{name}, last": part.last,
        }
    return facts | {"without a label, rows": profile.unlabelled_rows}


def _metric_rows(runs: Sequence[RunRecord]) -> list[list[str]]:
    rows = _object_rows([run.metrics for run in runs])
    return [[*row[:-1], _judgement(row[1], runs)] for row in rows]


def _judgement(metric: str, runs: Sequence[RunRecord]) -> str:
    """Return by how much two runs differ in a metric, and which of all is better."""
    values = [run.metrics.get(metric) for run in runs]
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(runs) or len(set(numbers)) == 1:
        return ""
    is_pair = len(runs) == _PAIR
    parts = [formatting.difference(numbers[1] - numbers[0])] if is_pair else []
    if metric in get_args(Metric):
        best = min(numbers) if metric in LOWER_IS_BETTER else max(numbers)
        winners = " and ".join(run.name for run, value in zip(runs, numbers, strict=True) if value == best)
        parts.append(f"{winners} is better" if is_pair else f"best: {winners}")
    return ", ".join(parts)


def _notes(compared: Sequence[Compared]) -> list[str]:
    """Return what a reader of the metrics must know: whether they were measured on the same rows."""
    measured = [each for each in compared if each.run.metrics]
    fingerprints = {each.run.data_fingerprint for each in measured}
    tests = {_test_rows(each.profile) for each in measured}
    if len(measured) < _PAIR:
        return []
    if "" in fingerprints:
        return [
            "note: whether the runs read the same data is not recorded, so their metrics may not be comparable"
        ]
    if len(fingerprints) > 1 or len(tests) > 1:
        return [
            "note: the runs did not read the same data, so a difference in metrics is not the model's alone"
        ]
    return []


def _test_rows(profile: Profile | None) -> tuple[object, ...]:
    test = profile.splits.get("test") if profile else None
    return (test.rows, test.first, test.last) if test else ()


def _object_rows(objects: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return a row for each key, with the value of each object; rows without any value are left out."""
    names = list(dict.fromkeys(name for each in objects for name in each))
    rows = []
    for name in names:
        values = [each.get(name) for each in objects]
        if all(value is None or value == "" for value in values):
            continue
        differs = any(value != values[0] for value in values[1:])
        rows.append([DIFFERS if differs else "", name, *(_cell(value) for value in values), ""])
    return rows


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return a value as a cell, with the beginning of each hash in it: enough to tell one from another."""
    return _HASH.sub(r"\1...", formatting.figure(value))
