"""Write the report of a run: `python -m infra.run_report --env local [--model NAME] --pipeline NAME --run EXECUTION`.

Exit status: 0, or 2 with an error, as when there is no such run.
"""

import sys
from collections.abc import Sequence

from infra import cli
from infra.aws import clients
from infra.run_report.writing import write_run_report
from infra.target import Pipeline, pipeline_of
from pipelines.project import ROOT, load_project


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = cli.parser("infra.run_report", "Write the report of a run.")
    parser.add_argument("--pipeline", default="training", metavar="NAME", help="training is the default")
    parser.add_argument("--run", required=True, metavar="EXECUTION", help="the name of an execution")
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        named = Pipeline(clients(project, options.env), project, model, options.pipeline)
        pipeline = pipeline_of(named, options.run)
        file = write_run_report(pipeline.found, project, model, pipeline.name, options.run)
        cli.say(str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file))
        return 0

    return cli.exit_status(command)


if __name__ == "__main__":
    sys.exit(main())
