"""What the commands on records do: list or export runs, compare them, trace a model."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from headrace.errors import ConfigurationError
from headrace_aws import formatting
from headrace_aws.runs.records.comparison import Compared, check_distinct, comparison_lines, run_names
from headrace_aws.runs.records.export import check_suffix, table_of, write_table
from headrace_aws.registry.lineage import lineage_of
from headrace_aws.registry.lineage_lines import lineage_lines
from headrace_aws.runs.records.listing import listing_lines, since_text
from headrace_aws.registry.packages import APPROVED, newest_package, package_named
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records.profiles import profile_of_run
from headrace_aws.runs.records.run_record import STATUSES, RunRecord
from headrace_aws.runs.records.table import run_named, runs

LIMIT = 20


@dataclass(frozen=True)
class Listing:
    """Which runs are wanted; what is empty asks nothing."""

    pipeline: str = ""
    status: str = ""
    since: str = ""  # a date, a time or an age, see `since_text`
    limit: int = LIMIT  # 0 is all
    export: Path | None = None  # a file for all of them
    with_model: bool = False  # names the model of each


def list_runs(contexts: Sequence[ModelContext], wanted: Listing, say: Callable[[str], None]) -> int:
    """List runs, the newest first, or export all of them; return the exit status.

    Raises `ConfigurationError` for a status or a moment that cannot be, and for an export of nothing.
    """
    if wanted.status and wanted.status not in STATUSES:
        raise ConfigurationError(
            f"--status: no run ends as {wanted.status!r}; it is one of {', '.join(sorted(STATUSES))}"
        )
    since = since_text(wanted.since, datetime.now(UTC)) if wanted.since else ""
    matching = sorted(
        (run for context in contexts for run in _newest(context, since, wanted)),
        key=lambda run: run.run,
        reverse=True,
    )
    if wanted.export:
        return _export(matching, wanted.export, say)
    if not matching:
        _note("no run matches; a run is recorded when it ends")
        return 0
    shown = matching[: wanted.limit or None]
    for text in listing_lines(shown, with_model=wanted.with_model):
        say(text)
    if len(matching) > len(shown):
        _note(f"these are the newest {len(shown)}; --limit N shows more, --limit 0 all")
    return 0


def compare(context: ModelContext, given: Sequence[str], say: Callable[[str], None]) -> int:
    """Show runs side by side; return the exit status.

    Raises `ConfigurationError` for fewer than two runs, and for a name that means no run, several, or one twice.
    """
    wanted = run_names(given)
    found = [run_named(context, name) for name in wanted]
    check_distinct(found, wanted)
    for text in comparison_lines([Compared(run, profile_of_run(context, run)) for run in found]):
        say(text)
    return 0


def trace(context: ModelContext, given: str, say: Callable[[str], None], *, checksum: bool = False) -> int:
    """Show the lineage of a version, by default of the newest that is approved; return the exit status.

    Raises `ConfigurationError` when there is no such version.
    """
    package = package_named(context, given) if given else newest_package(context, APPROVED)
    if package is None:
        raise ConfigurationError(
            f"no version of {context.group} is approved in {context.aws.name}; "
            f"name another by --model-package VERSION"
        )
    for text in lineage_lines(lineage_of(context, package, checksum=checksum)):
        say(text)
    return 0


def _newest(context: ModelContext, since: str, wanted: Listing) -> list[RunRecord]:
    """Return the runs of one model that may be needed: all for an export, else one more than is listed."""
    found = runs(context, since, pipeline=wanted.pipeline, status=wanted.status)
    everything = wanted.export or not wanted.limit
    return list(found if everything else islice(found, wanted.limit + 1))


def _export(matching: Sequence[RunRecord], file: Path, say: Callable[[str], None]) -> int:
    check_suffix(file)
    if not matching:
        raise ConfigurationError(f"--export: no run matches, so {file} is not written")
    table = table_of(matching)
    write_table(table, file)
    say(f"{file}  {formatting.count(table.height, 'run')}, {formatting.count(table.width, 'column')}")
    return 0


def _note(text: str) -> None:
    """Say something to a person, apart from the lines that another program may read."""
    sys.stderr.write(f"{text}\n")
