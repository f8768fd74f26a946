"""Destroy an environment: `headrace destroy --env dev [--confirm dev] [--all]`.

It says what there is, asks for the environment's name, and deletes everything for good, so that nothing is left that
costs money. It needs the permissions of an administrator: the roles of the workflows cannot delete all of it.
Exit status: 0 it is gone, 1 the name was not given, 2 an error: what was not reached is still there, and a second
call goes on.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from headrace.errors import ConfigurationError, DeployError
from headrace_aws import cli
from headrace_aws.config.project import Project, load_project
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.deployment_lock import deployment_lock, local_lock
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.teardown.environment import check_not_changing, check_unprotected, delete_environment
from headrace_aws.teardown.inventory import Inventory, inventory, key_named
from headrace_aws.teardown.leftovers import leftover_lines, not_deleted

UNCONFIRMED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status, as the module says."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        project = load_project()
        aws = aws_session(project, options.env)
        return destroy(aws, project, options.confirm, cli.say_on, everything=options.all)

    return cli.exit_status(command)


def destroy(
    aws: AwsSession, project: Project, confirmed: str | None, say: Callable[[str], None], *, everything: bool
) -> int:
    """Say what there is, ask unless it was confirmed, delete everything, and say what stays.

    Raises:
        ConfigurationError: the environment is protected, its key is perhaps another's, or there is nobody to ask.
        DeployError: a stack is being changed just now, or something stays.
    """
    before = inventory(aws, project)
    check_unprotected(aws)
    check_not_changing(aws, before.stacks)
    if before.lines():
        say(f"environment {aws.name}, account {aws.account}, {aws.region}. This is there:")
        for line in before.lines():
            say(f"  {line}")
        say("All of it is deleted for good" + ("." if everything else ", save the bootstrap stack."))
        given = confirmed if confirmed is not None else typed_confirmation(aws.name)
        if given != aws.name:
            say(f"{given!r} is not {aws.name!r}: nothing was changed")
            return UNCONFIRMED
        with _lock(aws, project, before, say):
            # Perhaps another deployment has ended while this one was asked about, or waited for it.
            now = inventory(aws, project)
            check_not_changing(aws, now.stacks)
            delete_environment(aws, project, now, say, everything=everything)
    after = inventory(aws, project)
    key = key_named(aws, before.key.arn) if before.key else None
    if left := not_deleted(after, key, project, aws.environment):
        raise DeployError(f"not everything is gone; repeat the command. Left: {', '.join(left)}")
    say(f"nothing of {project.name} is left in {aws.name} that costs money. What stays:")
    for line in leftover_lines(after, key, project):
        say(f"  {line}")
    return 0


def _lock(
    aws: AwsSession, project: Project, found: Inventory, say: Callable[[str], None]
) -> AbstractContextManager[None]:
    """Return what keeps deployments away; where nothing was bootstrapped, none can be."""
    if aws.home:
        return local_lock(aws.home, "`make destroy`", say)
    artefacts = Artefacts(aws, project)
    return (
        deployment_lock(artefacts, 0, say, "destroys") if artefacts.bucket in found.buckets else nullcontext()
    )


def typed_confirmation(name: str) -> str:
    """Return the name that a person types; raise `ConfigurationError` when there is nobody to ask."""
    if not sys.stdin.isatty():
        raise ConfigurationError(f"nobody is there to type the environment's name; give it: CONFIRM={name}")
    return input("Type the name of the environment to go on: ").strip()


def _parser() -> argparse.ArgumentParser:
    parser = cli.environment_parser("destroy", "Delete an environment with all of its data.")
    parser.add_argument("--confirm", metavar="NAME", help="the environment's name, where nobody can type it")
    parser.add_argument("--all", action="store_true", help="the bootstrap stack too: roles, buckets, images")
    return parser
