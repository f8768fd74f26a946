"""What a workflow writes on GitHub: `headrace github comment|issue|pull-request`.

Outside of GitHub Actions set GITHUB_REPOSITORY (owner/name) and GITHUB_TOKEN. Only what a bot wrote is updated, as
anybody could write a comment that looks the same: with a person's token each call writes a new comment or issue.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from headrace import files
from headrace.arguments import PULL_REQUEST, path_argument
from headrace.errors import ConfigurationError
from headrace_aws import cli
from headrace_aws.github.api import github
from headrace_aws.github.comment import update_section
from headrace_aws.github.issue import open_issue
from headrace_aws.github.pull_request import update_pull_request
from headrace_aws.github.summary import add_summary, run_address


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = _parser().parse_args(arguments)

    def command() -> int:
        text = file_text(options.file) if options.file else ""
        address = run_address()
        add_summary(text)  # first: it holds the whole text, even if the call fails
        if options.command == "comment":
            update_section(github(), options.pull, options.section, text, address)
            cli.say(f"pull request {options.pull}: section {options.section} is up to date")
            return 0
        body = "\n\n".join(part for part in (text.strip(), address) if part)
        if options.command == "issue":
            cli.say(f"issue {open_issue(github(), options.title, body)}: {options.title}")
        else:
            number = update_pull_request(github(), options.base, options.head, options.title, body)
            cli.say(f"pull request {number}: {options.title}")
        return 0

    return cli.exit_status(command)


def file_text(file: Path) -> str:
    """Return the text of a file; raise `ConfigurationError` when it cannot be read."""
    try:
        return files.file_text(file, "--file")
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}; an earlier step writes it") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="headrace github", description="Write on GitHub from a workflow.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="comment|issue|pull-request")
    comment = commands.add_parser("comment", help="write a section of the comment of a pull request")
    comment.add_argument(
        "--pull", type=PULL_REQUEST, required=True, metavar="NUMBER", help="the pull request"
    )
    comment.add_argument("--section", required=True, metavar="NAME", help="of the comment, such as plan")
    comment.add_argument("--file", type=path_argument, required=True, help="Markdown of the section")
    issue = commands.add_parser("issue", help="open an issue, or comment on the open one of that title")
    issue.add_argument("--title", required=True, metavar="TEXT")
    issue.add_argument("--file", type=path_argument, help="Markdown; the address of the run is added")
    pull = commands.add_parser("pull-request", help="open a pull request, or update the open one")
    pull.add_argument("--base", required=True, metavar="BRANCH", help="that it merges into")
    pull.add_argument("--head", required=True, metavar="BRANCH", help="that is merged")
    pull.add_argument("--title", required=True, metavar="TEXT")
    pull.add_argument("--file", type=path_argument, help="Markdown; the address of the run is added")
    return parser
