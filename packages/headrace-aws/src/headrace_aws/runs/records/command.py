"""List or export runs, and compare them: `headrace runs`, `headrace compare --run A --run B`."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from headrace.arguments import HOW_MANY, path_argument
from headrace.errors import ConfigurationError
from headrace_aws import cli, formatting
from headrace_aws.config.project import load_project
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records.comparison import Compared, check_distinct, comparison_lines, run_names
from headrace_aws.runs.records.export import check_suffix, table_of, write_table
from headrace_aws.runs.records.listing import listing_lines, since_text
from headrace_aws.runs.records.profiles import profile_of_run
from headrace_aws.runs.records.run_record import STATUSES, RunRecord
from headrace_aws.runs.records.table import run_named, runs
from headrace_aws.session import aws_session

LIMIT = 20


def runs_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `runs` and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("runs", "List runs, the newest first, or export them.")
    parser.add_argument("--all-models", action="store_true", help="of every model of project.toml")
    parser.add_argument("--pipeline", default="", metavar="NAME", help="runs of this pipeline only")
    parser.add_argument("--status", default="", metavar="NAME", help="runs that ended so: registered, ...")
    parser.add_argument(
        "--since", default="", metavar="WHEN", help="a date (2026-01-31, UTC) or an age (24h, 7d)"
    )
    parser.add_argument(
        "--limit",
        type=HOW_MANY,
        default=LIMIT,
        metavar="N",
        help=f"so many at most, {LIMIT} if not given; 0: all",
    )
    parser.add_argument(
        "--export", type=path_argument, metavar="FILE", help="all of them, to a .parquet or .csv file"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        models = sorted(project.models) if options.all_models else [cli.model_name(project, options.model)]
        aws = aws_session(project, options.env)
        listing = Listing(
            pipeline=options.pipeline,
            status=options.status,
            since=options.since,
            limit=options.limit,
            export=options.export,
            with_model=options.all_models,
        )
        return list_runs([ModelContext(aws, project, model) for model in models], listing, cli.say)

    return cli.exit_status(command)


def compare_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `compare` and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("compare", "Show runs side by side.")
    parser.add_argument(
        "--run",
        action="append",
        default=[],
        metavar="NAME",
        help="an execution, or how its name begins; or A,B",
    )
    options = parser.parse_args(arguments)
    return cli.exit_status(lambda: compare(cli.model_context(options), options.run, cli.say))


@dataclass(frozen=True)
class Listing:
    """Which runs to list; what is empty asks nothing."""

    pipeline: str = ""
    status: str = ""
    since: str = ""  # a date, a time or an age, see `since_text`
    limit: int = LIMIT  # 0 is all
    export: Path | None = None  # a file for all of them
    with_model: bool = False  # names the model of each


def list_runs(contexts: Sequence[ModelContext], listing: Listing, say: Callable[[str], None]) -> int:
    """List runs, the newest first, or export all of them; return the exit status.

    Raises `ConfigurationError` for a status or a moment that cannot be, and for an export of nothing.
    """
    if listing.status and listing.status not in STATUSES:
        raise ConfigurationError(
            f"--status: no run ends as {listing.status!r}; it is one of {', '.join(sorted(STATUSES))}"
        )
    since = since_text(listing.since, datetime.now(UTC)) if listing.since else ""
    matching = sorted(
        (run for context in contexts for run in _newest(context, since, listing)),
        key=lambda run: run.run,
        reverse=True,
    )
    if listing.export:
        return _export(matching, listing.export, say)
    if not matching:
        _note("no run matches; a run is recorded when it ends")
        return 0
    shown = matching[: listing.limit or None]
    for text in listing_lines(shown, with_model=listing.with_model):
        say(text)
    if len(matching) > len(shown):
        _note(f"these are the newest {len(shown)}; --limit N shows more, --limit 0 all")
    return 0


def compare(context: ModelContext, given: Sequence[str], say: Callable[[str], None]) -> int:
    """Show runs side by side; return the exit status.

    Raises `ConfigurationError` for fewer than two runs, and for a name that means no run, several, or one twice.
    """
    names = run_names(given)
    found = [run_named(context, name) for name in names]
    check_distinct(found, names)
    for text in comparison_lines([Compared(run, profile_of_run(context, run)) for run in found]):
        say(text)
    return 0


def _newest(context: ModelContext, since: str, listing: Listing) -> list[RunRecord]:
    """Return the runs of one model that may be needed: all for an export, else one more than is listed."""
    found = runs(context, since, pipeline=listing.pipeline, status=listing.status)
    everything = listing.export or not listing.limit
    return list(found if everything else islice(found, listing.limit + 1))


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
