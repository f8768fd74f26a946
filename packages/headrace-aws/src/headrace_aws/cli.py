"""What the commands have in common: shared options, output, and how an error ends them."""

import argparse
import os
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import ConfigurationError, HeadraceError
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project, load_project
from headrace_aws.model_context import ModelContext
from headrace_aws.session import aws_session
from headrace_local.errors import LocalAwsError

WRONG_USE = 2


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
    """Return the command's status, or 2 after an error that is told in one message."""
    try:
        return command()
    except BrokenPipeError:
        discard_output()  # whoever read has enough, as `head` has
        return 0
    except (HeadraceError, LocalAwsError) as error:
        sys.stderr.write(f"error: {error}\n")
    except (BotoCoreError, ClientError) as error:
        sys.stderr.write(f"error: AWS did not do what was asked: {error}\n")
    return WRONG_USE
