"""What the commands have in common: shared options, output, and how an error ends them."""

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from headrace.errors import ConfigurationError, HeadraceError
from headrace.unforeseen import one_line, own_place, system_words, traceback_file
from headrace_aws.aws_words import AWS_ERRORS, aws_words
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root
from headrace_aws.model_context import ModelContext
from headrace_aws.session import aws_session
from headrace_local.errors import LocalAwsError

FAILED, WRONG_USE = 1, 2


def environment_parser(verb: str, description: str) -> argparse.ArgumentParser:
    """Return a parser of a command that acts on an environment."""
    made = argparse.ArgumentParser(prog=f"headrace {verb}", description=description)
    made.add_argument("--env", default=LOCAL, metavar="NAME", help="an environment of project.toml")
    return made


def parser(verb: str, description: str) -> argparse.ArgumentParser:
    """Return a parser of a command that acts on the models of an environment."""
    made = environment_parser(verb, description)
    made.add_argument(
        "--model", metavar="NAME", help="a model of project.toml; may be left out if there is one"
    )
    return made


def model_name(project: Project, given: str | None) -> str:
    """Return the model's name, by default the only one; raise `ConfigurationError` when it is not clear."""
    if given is not None:
        project.model(given)
        return given
    if len(project.models) > 1:
        raise ConfigurationError(
            "no model is named, and project.toml has several: give --model NAME (MODEL=NAME to make), one of "
            f"{', '.join(sorted(project.models))}"
        )
    return next(iter(project.models))


def model_context(options: argparse.Namespace) -> ModelContext:
    """Return the model that the options of a command name, in its environment."""
    project = load_project()
    model = model_name(project, options.model)
    return ModelContext(aws_session(project, options.env), project, model)


def model_names(project: Project, given: str | None) -> list[str]:
    """Return the model that is given, or all of them."""
    return [model_name(project, given)] if given else sorted(project.models)


def say(text: str = "") -> None:
    """Write a line that is seen at once, also through a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_on(text: str = "") -> None:
    """Say a line, and go on when nobody reads any more: what changes an account is not given up half way for that."""
    try:
        say(text)
    except BrokenPipeError:
        discard_output()


def discard_output() -> None:
    """Discard all further output, as also the interpreter flushes what is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def exit_status(command: Callable[[], int]) -> int:
    """Return the command's status, or 2 after an error that is reported in one message; what nobody foresaw goes up, to `tell`."""
    try:
        return command()
    except BrokenPipeError:
        discard_output()  # whoever read has enough, as `head` has
        return 0
    except (HeadraceError, LocalAwsError, *AWS_ERRORS, OSError) as error:
        return tell(error)


def tell(error: BaseException) -> int:
    """Tell an error in one message, and return the exit status: 1 for what nobody foresaw, else 2."""
    if isinstance(error, HeadraceError | LocalAwsError):
        sys.stderr.write(f"error: {error}\n")
    elif isinstance(error, AWS_ERRORS):
        sys.stderr.write(f"error: AWS did not do what was asked: {aws_words(error)}\n")
    elif isinstance(error, OSError):
        sys.stderr.write(f"error: {system_words(error)}\n")
    else:
        return _tell_unforeseen(error)
    return WRONG_USE


def _own_folders() -> list[Path]:
    """Return the folders of a team's code; none outside of a project."""
    with suppress(ConfigurationError):
        return [project_root() / folder for folder in ("src", "pipelines")]
    return []


def _tell_unforeseen(error: BaseException) -> int:
    """Tell an error that is a fault of the code: of the team's own, or of Headrace."""
    file = traceback_file(error)
    written = f"the traceback is in {file}" if file else "and no file can be written for the traceback"
    place = own_place(error, _own_folders())
    message = (
        f"{place}: {one_line(error)}; correct it there, {written}"
        if place
        else f"a fault of Headrace, and not yours: {one_line(error)}; {written}: report it with that file to the maintainers of "
        "the template, at the repository that your updates come from"
    )
    sys.stderr.write(f"error: {message}\n")
    return FAILED
