"""Approve or reject a version of a model: `headrace approve|reject [--model-package VERSION]`.

Without `--model-package` it is the newest version that waits for approval.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from headrace.errors import ConfigurationError
from headrace_aws import cli, formatting
from headrace_aws.model_context import ModelContext
from headrace_aws.registry.lineage import evaluation_of
from headrace_aws.registry.lineage_lines import approval_text
from headrace_aws.registry.packages import (
    APPROVED,
    PENDING,
    REJECTED,
    Approval,
    Package,
    newest_package,
    package_named,
    versions,
)
from headrace_aws.runs.summary import verdict_lines

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

DESCRIPTION_LENGTH = 1024  # characters that SageMaker takes as ApprovalDescription


def approve_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `approve` and return its exit status: 0, or 2 with an error."""
    return _decision("approve", APPROVED, arguments)


def reject_main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `reject` and return its exit status: 0, or 2 with an error."""
    return _decision("reject", REJECTED, arguments)


def _decision(verb: str, approval: Approval, arguments: Sequence[str] | None) -> int:
    parser = cli.parser(verb, f"{verb.capitalize()} a version of a model.")
    parser.add_argument(
        "--model-package",
        default="",
        metavar="VERSION",
        help="its number or ARN; else the newest that waits for approval",
    )
    parser.add_argument(
        "--reason", default="", metavar="TEXT", help="kept with the version, with who decided"
    )
    options = parser.parse_args(arguments)
    return cli.exit_status(
        lambda: decide(
            cli.model_context(options), approval, options.model_package, options.reason, cli.say_on
        )
    )


def decide(
    context: ModelContext, approval: Approval, given: str, reason: str, say: Callable[[str], None]
) -> int:
    """Show how a version was judged, approve or reject it, and return the exit status.

    Raises `ConfigurationError` when there is no such version, none waits, or it is in that state already.
    """
    description = _description(context, approval, reason)
    package = package_named(context, given) if given else _newest_pending(context)
    if package.approval == approval:
        raise ConfigurationError(f"{package.name} is already {approval_text(package)}; nothing is changed")
    say(f"{package.name}, registered {formatting.moment(package.registered_at)} UTC, {package.approval}")
    if not given:
        _say_others(context, package, say)
    _say_verdict(context, package, say)
    context.sagemaker.update_model_package(
        ModelPackageArn=package.arn, ModelApprovalStatus=approval, ApprovalDescription=description
    )
    say(f"{package.name}: {description}")
    _say_in_use(context, say)
    return 0


def _newest_pending(context: ModelContext) -> Package:
    package = newest_package(context, PENDING)
    if package is None:
        newest = next(versions(context), None)
        state = (
            f"the newest, {newest['ModelPackageVersion']}, is {newest.get('ModelApprovalStatus')}"
            if newest
            else "there is none at all"
        )
        raise ConfigurationError(
            f"no version of {context.group} waits for approval in {context.aws.name}: {state}; "
            f"name another by --model-package VERSION"
        )
    return package


def _description(context: ModelContext, approval: Approval, reason: str) -> str:
    """Return who decides and why, on one line, as the registry takes it."""
    sts: STSClient = context.aws.client("sts")
    caller = sts.get_caller_identity()["Arn"]
    text = " ".join(reason.split())
    description = f"{approval} by {caller}" + (f": {text}" if text else "")
    if len(description) > DESCRIPTION_LENGTH:
        over = len(description) - DESCRIPTION_LENGTH
        raise ConfigurationError(
            f"--reason: it is {formatting.count(over, 'character')} too long for the registry"
        )
    return description


def _say_others(context: ModelContext, package: Package, say: Callable[[str], None]) -> None:
    """Say which older versions wait too, as nobody named the one that is decided on."""
    others = [
        str(summary["ModelPackageVersion"])
        for summary in versions(context, PENDING)
        if summary["ModelPackageArn"] != package.arn
    ]
    if others:
        say(f"it is the newest that waits; also waiting: {', '.join(others)} (--model-package names one)")


def _say_verdict(context: ModelContext, package: Package, say: Callable[[str], None]) -> None:
    evaluation = evaluation_of(context, package)
    say("")
    unknown = evaluation if isinstance(evaluation, str) else "it was registered without an evaluation"
    for text in verdict_lines(evaluation) if isinstance(evaluation, dict) else [unknown]:
        say(text)
    say("")


def _say_in_use(context: ModelContext, say: Callable[[str], None]) -> None:
    """Say which version counts from now on: the newest that is approved, whatever was decided last."""
    newest = next(versions(context, APPROVED), None)
    if newest is None:
        say(f"no version of {context.group} is approved now: inference has none to use")
    else:
        say(
            f"inference uses version {newest['ModelPackageVersion']} from now on, the newest that is approved"
        )
