"""What the commands have in common: how they speak, and how an error ends them."""

import argparse
import os
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import ConfigurationError, HeadraceError
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project
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
            f"MODEL=name is missing; project.toml has: {', '.join(sorted(project.models))}"
        )
    return next(iter(project.models))


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
        _say_to_nobody()


def _say_to_nobody() -> None:
    """Send what is said from now on nowhere; the interpreter would try to flush what is left, too."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def exit_status(command: Callable[[], int]) -> int:
    """Return the command's status, or 2 after an error that is told in one message."""
    try:
        return command()
    except BrokenPipeError:
        _say_to_nobody()  # whoever read has enough, as `head` has
        return 0
    except (HeadraceError, LocalAwsError) as error:
        sys.stderr.write(f"error: {error}\n")
    except (BotoCoreError, ClientError) as error:
        sys.stderr.write(f"error: AWS did not do what was asked: {error}\n")
    return WRONG_USE
