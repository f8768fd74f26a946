"""Trace a model back to what made it: `headrace lineage [--model-package VERSION]`."""

from collections.abc import Callable, Sequence

from headrace.errors import ConfigurationError
from headrace_aws import cli
from headrace_aws.model_context import ModelContext
from headrace_aws.registry.lineage import lineage_of
from headrace_aws.registry.lineage_lines import lineage_lines
from headrace_aws.registry.packages import APPROVED, newest_package, package_named


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("lineage", "Trace a model back to the data and the code that made it.")
    parser.add_argument(
        "--model-package", default="", metavar="VERSION", help="its number or ARN; else the newest approved"
    )
    parser.add_argument("--checksum", action="store_true", help="read the artefact for its SHA-256")
    options = parser.parse_args(arguments)
    return cli.exit_status(
        lambda: trace(cli.model_context(options), options.model_package, cli.say, checksum=options.checksum)
    )


def trace(context: ModelContext, given: str, say: Callable[[str], None], *, checksum: bool = False) -> int:
    """Show the lineage of a version, by default of the newest that is approved; return the exit status.

    Raises `ConfigurationError` when there is no such version.
    """
    package = package_named(context, given) if given else newest_package(context, APPROVED)
    if package is None:
        raise ConfigurationError(
            f"no version of {context.group} is approved in {context.aws.name}; "
            f"name another by --model-package VERSION"
        )
    for text in lineage_lines(lineage_of(context, package, checksum=checksum)):
        say(text)
    return 0
