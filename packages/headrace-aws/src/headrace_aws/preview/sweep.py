"""Delete the previews of pull requests that are closed or had no new commit for two weeks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from headrace.errors import HeadraceError
from headrace_aws import formatting
from headrace_aws.config.project import Project
from headrace_aws.github.api import GitHub
from headrace_aws.model_context import ModelContext
from headrace_aws.preview.context import preview_name
from headrace_aws.session import AwsSession
from headrace_aws.stacks.deployed import deployed_stacks
from headrace_aws.teardown.preview import DeployedPreview, delete_preview, preview_of_stack

LONGEST = timedelta(days=14)  # without a new commit


def sweep(
    aws: AwsSession, project: Project, is_open: Callable[[int], bool], say: Callable[[str], None]
) -> int:
    """Remove the previews that are left over, and return the exit status: 1 when one could not be judged or removed.

    Args:
        aws: the environment.
        project: whose previews.
        is_open: tells whether a pull request is open.
        say: writes a line.

    """
    failed = []
    previews = [each for stack in deployed_stacks(aws, project) if (each := preview_of_stack(stack))]
    for each in previews:
        name = f"{each.model}, pull request {each.number}"
        try:
            reason = reason_to_remove(each, is_open, datetime.now(UTC))
            say(f"{name}: {reason or 'stays'}")
            if reason:
                delete_preview(ModelContext(aws, project, preview_name(each.model, each.number)), say)
        except (HeadraceError, BotoCoreError, ClientError) as error:  # the others are still swept
            failed.append(f"error: {name}: {error}")
    for line in failed:
        say(line)
    if not previews:
        say(f"{aws.name} has no previews")
    return 1 if failed else 0


def reason_to_remove(each: DeployedPreview, is_open: Callable[[int], bool], now: datetime) -> str:
    """Return why a preview is removed; empty when it stays."""
    if now - each.renewed_at > LONGEST:
        return f"not renewed since {formatting.moment(each.renewed_at)}"
    return "" if is_open(each.number) else "closed"


def open_on(github: GitHub) -> Callable[[int], bool]:
    """Return what asks GitHub whether a pull request is open."""
    return lambda number: bool(github.call("GET", f"pulls/{number}")["state"] == "open")
