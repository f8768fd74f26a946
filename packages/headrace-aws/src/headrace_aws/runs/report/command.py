"""Write the report of a run: `python -m headrace_aws.runs.report --env local [--model NAME] --pipeline NAME --run EXECUTION`.

Exit status: 0, or 2 with an error, as when there is no such run.
"""

from collections.abc import Sequence

from headrace_aws import cli
from headrace_aws.session import aws_session
from headrace_aws.runs.report.write import write_run_report
from headrace_aws.runs.pipeline import DeployedPipeline, pipeline_of
from headrace_aws.config.root import shown
from headrace_aws.config.project import load_project


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = cli.parser("report", "Write the report of a run.")
    parser.add_argument("--pipeline", default="training", metavar="NAME", help="training is the default")
    parser.add_argument("--run", required=True, metavar="EXECUTION", help="the name of an execution")
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        named = DeployedPipeline(aws_session(project, options.env), project, model, options.pipeline)
        pipeline = pipeline_of(named, options.run)
        file = write_run_report(pipeline.aws, project, model, pipeline.name, options.run)
        cli.say(shown(file))
        return 0

    return cli.exit_status(command)
