"""Show what a deployment would change: `headrace plan --env dev [--model NAME] [--out FILE]`.

It only reads: change sets are made and deleted, none is executed. The file holds the plan, or the error because of which
there is none.
"""

from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from headrace.arguments import PULL_REQUEST, path_argument
from headrace.errors import HeadraceError
from headrace_aws import cli
from headrace_aws.config.project import load_project
from headrace_aws.plan.collect import Plan, collect_plan
from headrace_aws.plan.page import error_page, page, summary_lines
from headrace_aws.plan.state import allowed_by, commit_messages, not_allowed
from headrace_aws.release.manifest import work_tree
from headrace_aws.session import aws_session
from headrace_aws.whole_files import write_whole

_REFUSED = 1
_BASE = "origin/main"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 1 when state would be lost that no commit allows, 2 after an error."""
    parser = cli.parser("plan", "Show what a deployment of the work tree would change, and change nothing.")
    parser.add_argument(
        "--out", type=path_argument, default=Path("dist/plan.md"), metavar="FILE", help="for the whole plan"
    )
    parser.add_argument(
        "--pull", type=PULL_REQUEST, metavar="NUMBER", help="the pull request, whose preview has trained"
    )
    parser.add_argument(
        "--base", default=_BASE, metavar="COMMIT", help=f"commits after it may allow a replacement; {_BASE}"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        try:
            project = load_project()
            models = cli.model_names(project, options.model)
            place = aws_session(project, options.env)
            release = work_tree(project=project)
            allowed = allowed_by(commit_messages(release.folder, options.base))
            plan = collect_plan(place, release, models, allowed, options.pull)
        except (HeadraceError, BotoCoreError, ClientError) as error:
            _write(options.out, error_page(options.env, error))
            raise
        return report_plan(plan, options.out)

    return cli.exit_status(command)


def report_plan(plan: Plan, out: Path) -> int:
    """Write the plan into a file, print its summary, and return the exit status."""
    _write(out, page(plan))
    for line in summary_lines(plan):
        cli.say(line)
    cli.say(f"\nThe whole plan is in {out}.")
    return _REFUSED if not_allowed(plan.losses) else 0


def _write(file: Path, text: str) -> None:
    write_whole(file, text)
