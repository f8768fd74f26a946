"""The preview of a pull request: `python -m infra.preview make|remove --env dev --pull 12`, or `sweep --env dev`.

`make` writes its section of the pull request's comment into dist/preview.md. It exits with 0 when the gate has
spoken, whatever it said, and with 1 when a run failed. All do for each model what they do, unless one is named.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import ConfigurationError, HeadraceError
from infra import cli, preflight
from infra.aws import Clients, clients
from infra.github.api import github
from infra.preview.making import make
from infra.preview.place import preview_name, preview_of
from infra.preview.removal import remove
from infra.preview.section import unmade
from infra.preview.sweep import open_on, sweep
from infra.records.place import Place
from infra.release.manifest import Release, release_in, work_tree
from pipelines.environment import LOCAL
from pipelines.project import ROOT, Project, load_project

SECTION = ROOT / "dist" / "preview.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        project = load_project()
        found = clients(project, options.env)
        if options.command == "sweep":
            return sweep(found, project, _is_open(options.open), cli.say)
        if options.pull is None:
            raise ConfigurationError("the number of the pull request is missing; give it: PULL=12")
        models = cli.model_names(project, options.model)
        if options.command == "make":
            return _make(found, _release(project, options.env, options.release), models, options.pull)
        for model in models:
            remove(Place(found, project, preview_name(model, options.pull)), cli.say)
        return 0

    return cli.exit_status(command)


def _make(found: Clients, release: Release, models: Sequence[str], pull: int) -> int:
    """Make the preview of each model and return the largest exit status; write what each says, an error too."""
    sections, statuses = [], []
    model = models[0]
    try:
        if found.name != LOCAL:
            preflight.check_bootstrapped(found, release.project)
        for model in models:
            status, section = make(preview_of(found, release.project, model, pull), release, cli.say)
            statuses.append(status)
            sections.append(section)
    except (HeadraceError, BotoCoreError, ClientError) as error:
        sections.append(unmade(model, error))
        raise
    finally:
        SECTION.parent.mkdir(parents=True, exist_ok=True)
        SECTION.write_text("\n".join(filter(None, sections)), encoding="utf-8")
        cli.say(f"dist/{SECTION.name}: for the comment of pull request {pull}")
    return max(statuses)


def _release(project: Project, environment: str, folder: Path | None) -> Release:
    """Return what is previewed: on the local AWS the work tree, elsewhere the release in a folder."""
    if environment == LOCAL:
        return work_tree(project=project)
    if folder is None:
        raise ConfigurationError(
            f"RELEASE is missing: environment {environment} takes releases only. `make release` builds one, then "
            f"make preview ENV={environment} PULL=12 RELEASE=dist/release"
        )
    return release_in(folder)


def _is_open(numbers: Sequence[int] | None) -> Callable[[int], bool]:
    """Return what tells whether a pull request is open: by these numbers, or, without them, by asking GitHub."""
    if numbers is not None:
        return lambda number: number in numbers
    return open_on(github())


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def _parser() -> argparse.ArgumentParser:
    parser = cli.parser("infra.preview", "The preview of a pull request: its model, trained and judged.")
    parser.add_argument("command", choices=("make", "remove", "sweep"))
    parser.add_argument("--pull", type=int, metavar="NUMBER", help="the pull request, for make and remove")
    parser.add_argument("--release", metavar="FOLDER", type=Path, help="for make: what `make release` built")
    parser.add_argument(
        "--open",
        type=_numbers,
        metavar="NUMBERS",
        help="for sweep: the pull requests that are open, such as 12,13; else GitHub is asked",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
