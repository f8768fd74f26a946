"""List, export, compare runs and trace a model: `python -m headrace_aws.runs.records list|compare|lineage --env local`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from headrace_aws import cli
from headrace_aws.session import aws_session
from headrace_aws.runs.records.commands import LIMIT, Listing, compare, list_runs, trace
from headrace_aws.model_context import ModelContext
from headrace_aws.config.project import Project, load_project


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        project = load_project()
        models = _models(project, options)
        aws = aws_session(project, options.env)
        contexts = [ModelContext(aws, project, model) for model in models]
        if options.command == "compare":
            return compare(contexts[0], options.run, cli.say)
        if options.command == "lineage":
            return trace(contexts[0], options.model_package, cli.say, checksum=options.checksum)
        wanted = Listing(
            pipeline=options.pipeline,
            status=options.status,
            since=options.since,
            limit=options.limit,
            export=options.export,
            with_model=options.all_models,
        )
        return list_runs(contexts, wanted, cli.say)

    return cli.exit_status(command)


def _models(project: Project, options: argparse.Namespace) -> list[str]:
    if options.command == "runs" and options.all_models:
        return sorted(project.models)
    return [cli.model_name(project, options.model)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="headrace", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="runs|compare|lineage")

    def command(name: str, says: str) -> argparse.ArgumentParser:
        shared = cli.parser(name, says)  # brings -h, too
        return commands.add_parser(name, help=says, parents=[shared], add_help=False)

    listing = command("runs", "List runs, the newest first, or export them.")
    listing.add_argument("--all-models", action="store_true", help="of every model of project.toml")
    listing.add_argument("--pipeline", default="", metavar="NAME", help="runs of this pipeline only")
    listing.add_argument("--status", default="", metavar="NAME", help="runs that ended so: registered, ...")
    listing.add_argument(
        "--since", default="", metavar="WHEN", help="a date (2026-01-31, UTC) or an age (24h, 7d)"
    )
    listing.add_argument(
        "--limit",
        type=_limit,
        default=LIMIT,
        metavar="N",
        help=f"so many at most, {LIMIT} if not given; 0: all",
    )
    listing.add_argument(
        "--export", type=Path, metavar="FILE", help="all of them, to a .parquet or .csv file"
    )
    comparing = command("compare", "Show runs side by side.")
    comparing.add_argument(
        "--run",
        action="append",
        default=[],
        metavar="NAME",
        help="an execution, or how its name begins; or A,B",
    )
    tracing = command("lineage", "Trace a model back to data and code.")
    tracing.add_argument(
        "--model-package", default="", metavar="VERSION", help="its number or ARN; else the newest approved"
    )
    tracing.add_argument("--checksum", action="store_true", help="read the artefact for its SHA-256")
    return parser


def _limit(given: str) -> int:
    """Return a number that is not negative; argparse tells what is none."""
    number = int(given)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{given} is negative; 0 lists all")
    return number
