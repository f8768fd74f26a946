"""The preview of a pull request: `headrace preview create|remove --env dev --pull 12`, or `sweep --env dev`.

`create` writes its section of the pull request's comment into dist/preview.md. It exits with 0 when the gate has
decided, either way, and with 1 when a run failed. Each acts on every model, unless one is named.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from headrace.arguments import PULL_REQUEST, path_argument
from headrace.errors import ConfigurationError, HeadraceError
from headrace_aws import cli
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root
from headrace_aws.deploy import preflight
from headrace_aws.github.api import github
from headrace_aws.model_context import ModelContext
from headrace_aws.preview.context import preview_name, preview_of
from headrace_aws.preview.create import create_preview
from headrace_aws.preview.section import error_section
from headrace_aws.preview.sweep import open_on, sweep
from headrace_aws.release.manifest import Release, release_in, work_tree
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.teardown.preview import delete_preview
from headrace_aws.whole_files import write_whole

SECTION = Path("dist/preview.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        project = load_project()
        aws = aws_session(project, options.env)
        if options.command == "sweep":
            return sweep(aws, project, _is_open(options.open), cli.say_on)
        if options.pull is None:
            raise ConfigurationError("the number of the pull request is missing; give it: PULL=12")
        models = cli.model_names(project, options.model)
        if options.command == "create":
            return _create(aws, _release(project, options.env, options.release), models, options.pull)
        for model in models:
            delete_preview(ModelContext(aws, project, preview_name(model, options.pull)), cli.say_on)
        return 0

    return cli.exit_status(command)


def _create(aws: AwsSession, release: Release, models: Sequence[str], pull: int) -> int:
    """Create the preview of each model and return the largest exit status; write the section of each, or the error."""
    sections, statuses = [], []
    model = models[0]
    try:
        if aws.name != LOCAL:
            preflight.check_bootstrapped(aws, release.project)
        for model in models:
            status, section = create_preview(
                preview_of(aws, release.project, model, pull), release, cli.say_on
            )
            statuses.append(status)
            sections.append(section)
    except (HeadraceError, BotoCoreError, ClientError) as error:
        sections.append(error_section(model, error))
        raise
    finally:
        write_whole(project_root() / SECTION, "\n".join(filter(None, sections)))
        cli.say_on(f"dist/{SECTION.name}: for the comment of pull request {pull}")
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
    return [PULL_REQUEST(part.strip()) for part in text.split(",") if part.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = cli.parser(
        "preview", "Create or remove the preview of a pull request, or sweep those that are left over."
    )
    parser.add_argument("command", choices=("create", "remove", "sweep"))
    parser.add_argument(
        "--pull", type=PULL_REQUEST, metavar="NUMBER", help="the pull request, for create and remove"
    )
    parser.add_argument(
        "--release", metavar="FOLDER", type=path_argument, help="for create: what `make release` built"
    )
    parser.add_argument(
        "--open",
        type=_numbers,
        metavar="NUMBERS",
        help="for sweep: the pull requests that are open, such as 12,13; else GitHub is asked",
    )
    return parser
