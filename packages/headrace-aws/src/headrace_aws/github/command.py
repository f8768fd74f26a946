"""What a workflow says on GitHub: `python -m headrace_aws.github comment`, `issue` or `pull-request`.

Outside of GitHub Actions set GITHUB_REPOSITORY (owner/name) and GITHUB_TOKEN. What a person's token wrote is not found
again, so that nobody can write in our name: it makes a comment or an issue each time.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

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
        add_summary(text)  # first: it holds the whole, whatever becomes of the call
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
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be read ({error.strerror}); an earlier step writes it"
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="headrace github", description="Speak on GitHub.")
    commands = parser.add_subparsers(dest="command", required=True)
    comment = commands.add_parser("comment", help="write a section of the comment of a pull request")
    comment.add_argument("--pull", type=int, required=True, metavar="NUMBER", help="the pull request")
    comment.add_argument("--section", required=True, metavar="NAME", help="such as plan")
    comment.add_argument("--file", type=Path, required=True, help="Markdown")
    issue = commands.add_parser("issue", help="open an issue, or comment on the open one of that title")
    issue.add_argument("--title", required=True, metavar="TEXT")
    issue.add_argument("--file", type=Path, help="Markdown; the address of the run is added")
    pull = commands.add_parser("pull-request", help="open a pull request, or update the open one")
    pull.add_argument("--base", required=True, metavar="BRANCH", help="where it leads to")
    pull.add_argument("--head", required=True, metavar="BRANCH", help="what is merged")
    pull.add_argument("--title", required=True, metavar="TEXT")
    pull.add_argument("--file", type=Path, help="Markdown; the address of the run is added")
    return parser
