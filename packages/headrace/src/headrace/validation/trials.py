"""Trials: one training each, of a candidate on a part, and what became of it.

`trials.json` is what the job `split` tells the state machine and the job `aggregate`.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from headrace import strict_json
from headrace.container import named
from headrace.errors import ConfigurationError, DataError
from headrace.settings import Cutoffs, Folds, Record, Search
from headrace.stored_files import read_record
from headrace.validation.candidates import Candidate
from headrace.validation.parts import PartFacts

FILE = "trials.json"
FAILURE_FILE = "failure.json"  # what a state machine writes of a job that failed
MOST_TRIALS = 500
# The state machine reads the file whole, and its states hold 256 KiB at most.
MOST_BYTES = 200 * 1024
REASON_LENGTH = 300  # characters


ResultT = TypeVar("ResultT")


class Trial(Record):
    """A training to do: a part's rows, and a candidate's hyperparameters."""

    trial: str
    part: str
    candidate: str
    hyperparameters: dict[str, str]


class TrialSettings(Record):
    """What the job `split` was told: folds and search of a cross-validation, or the cut-offs of a backtest."""

    folds: Folds | None = None
    search: Search | None = None
    cutoffs: Cutoffs | None = None


class Trials(Record):
    """The content of `trials.json`."""

    package: str
    trials: tuple[Trial, ...]
    parts: tuple[PartFacts, ...]
    candidates: tuple[Candidate, ...]
    settings: TrialSettings
    data_fingerprint: str = Field(description="SHA-256 over the raw tables.")


class Failure(Record):
    """A trial without a result, and why."""

    trial: str
    reason: str


def trials_of(
    parts: Iterable[str], candidates: tuple[Candidate, ...], *, searched: bool
) -> tuple[Trial, ...]:
    """Return every candidate on every part; without a search a trial has its part's name."""
    return tuple(
        Trial(
            trial=f"{part}-{candidate.candidate}" if searched else part,
            part=part,
            candidate=candidate.candidate,
            hyperparameters=candidate.hyperparameters,
        )
        for part in parts
        for candidate in candidates
    )


def write_trials(trials: Trials, folder: Path) -> None:
    """Write `trials.json`; raise `ConfigurationError` when a state machine could not hold it."""
    text = trials.model_dump_json(exclude_none=True)
    if len(text.encode()) > MOST_BYTES:
        raise ConfigurationError(
            f"{len(trials.trials)} trials take {len(text.encode()):,} bytes and a state machine's state holds "
            f"{MOST_BYTES:,}; search fewer candidates or fewer hyperparameters"
        )
    (folder / FILE).write_text(text, encoding="utf-8")


def read_trials(folder: Path) -> Trials:
    """Return the trials that the job `split` wrote; raise `DataError` when they cannot be read."""
    needed = "it lists the trials whose results are put together: run the job `split` first"
    return read_record(Trials, folder / FILE, DataError, needed)


def results_of(
    results: Path, trials: Trials, file: str, read: Callable[[Path], ResultT]
) -> tuple[dict[str, ResultT], tuple[Failure, ...]]:
    """Return what the trials left in their folders of results, and those that left nothing that can be read, with why.

    `read` returns what a folder with that file holds, and raises `DataError` when it cannot be read.
    """
    found, failures = {}, []
    for trial in trials.trials:
        folder = results / trial.trial
        if not (folder / file).is_file():
            failures.append(Failure(trial=trial.trial, reason=failure_in(folder)))
            continue
        try:
            found[trial.trial] = read(folder)
        except DataError as error:
            failures.append(Failure(trial=trial.trial, reason=named(str(error))[:REASON_LENGTH]))
    return found, tuple(failures)


def check_tolerated(failures: tuple[Failure, ...], trials: Trials, tolerated: float) -> None:
    """Raise `DataError` when more than that share of the trials failed, or all."""
    failed, total = len(failures), len(trials.trials)
    if failed == total or failed > tolerated * total:
        first = failures[0]
        raise DataError(
            f"{failed} of {total} trials failed and {tolerated:.0%} are tolerated; the first, {first.trial}: "
            f"{first.reason}"
        )


def failure_in(folder: Path) -> str:
    """Return a failure in the words of the job that failed, as far as the state machine kept them."""
    path = folder / FAILURE_FILE
    if not path.is_file():
        return "it left neither a result nor a failure"
    try:
        failure = strict_json.loads(path.read_bytes(), path.name)
    except ValueError:
        return f"its {path.name} cannot be read"
    if not isinstance(failure, dict):
        return f"its {path.name} holds no error"
    return _words(failure)[:REASON_LENGTH]


def _words(failure: Mapping[str, object]) -> str:
    """Return what the description of a failed job says, which is the Cause of a failed task; else Error and Cause."""
    cause = str(failure.get("Cause") or "")
    try:
        described = strict_json.loads(cause, "Cause")
    except ValueError:
        described = None
    if isinstance(described, dict):
        for name in ("ExitMessage", "FailureReason"):
            if described.get(name):
                return str(described[name])
    return (
        ": ".join(text for text in (str(failure.get("Error") or ""), cause) if text) or "no reason is given"
    )
