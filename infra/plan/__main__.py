"""Tell what a deploy would change: `python -m infra.plan --env dev [--model NAME] [--out FILE]`.

It only reads: change sets are made and deleted, none is executed. The file holds the plan, or the error that kept it from
being made.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import HeadraceError
from infra import cli
from infra.aws import clients
from infra.deploy import check_definitions
from infra.plan.facts import Facts, facts
from infra.plan.page import page, summary_lines, unmade
from infra.plan.state import allowed_by, commit_messages, refused
from infra.release.manifest import work_tree
from pipelines.project import load_project

_REFUSED = 1
_BASE = "origin/main"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 1 when state would be lost unasked, 2 after an error."""
    parser = cli.parser("infra.plan", "Tell what a deploy of the work tree would change, and change nothing.")
    parser.add_argument(
        "--out", type=Path, default=Path("dist/plan.md"), metavar="FILE", help="the whole of it"
    )
    parser.add_argument(
        "--pull", type=int, metavar="NUMBER", help="the pull request, whose preview has trained"
    )
    parser.add_argument(
        "--base", default=_BASE, metavar="COMMIT", help=f"commits after it may allow a replacement; {_BASE}"
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        try:
            project = load_project()
            models = cli.model_names(project, options.model)
            place = clients(project, options.env)
            release = work_tree(project=project)
            check_definitions(release)
            allowed = allowed_by(commit_messages(release.folder, options.base))
            found = facts(place, release, models, allowed, options.pull)
        except (HeadraceError, BotoCoreError, ClientError) as error:
            _write(options.out, unmade(options.env, error))
            raise
        return told(found, options.out)

    return cli.exit_status(command)


def told(found: Facts, out: Path) -> int:
    """Write the plan into a file, say what matters of it, and return the exit status."""
    _write(out, page(found))
    for line in summary_lines(found):
        cli.say(line)
    cli.say(f"\nThe whole is in {out}.")
    return _REFUSED if refused(found.losses) else 0


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
