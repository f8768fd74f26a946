"""Write the page of a run: `headrace report --run EXECUTION`."""

from collections.abc import Sequence

from headrace_aws import cli
from headrace_aws.config.root import shown
from headrace_aws.runs.pipeline import add_pipeline_option, named_pipeline, pipeline_of
from headrace_aws.runs.report.page import reports_folder, write_run_report
from headrace_aws.runs.snapshot import read_snapshot


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error, as when there is no such run."""
    parser = cli.parser("report", "Write the page of a run.")
    add_pipeline_option(parser)
    parser.add_argument("--run", required=True, metavar="EXECUTION", help="the name of an execution")
    options = parser.parse_args(arguments)

    def command() -> int:
        pipeline = pipeline_of(named_pipeline(options), options.run)
        cli.say(shown(write_run_report(read_snapshot(pipeline, options.run), reports_folder(options.run))))
        return 0

    return cli.exit_status(command)
