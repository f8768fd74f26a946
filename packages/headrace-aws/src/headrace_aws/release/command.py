"""Build a release, print its id, or list what was deployed: `headrace release build|id|list|promoted`."""

import argparse
import re
from collections.abc import Sequence

from headrace.arguments import whole_number
from headrace.errors import ConfigurationError
from headrace_aws import cli
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.build import TARGET, build
from headrace_aws.release.ledger import NEWEST, Ledger
from headrace_aws.release.listing import listing_lines
from headrace_aws.release.manifest import release_in
from headrace_aws.release.promoted import promoted_release
from headrace_aws.session import aws_session

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    options = _parser().parse_args(arguments)
    commands = {"build": _build, "id": _id, "list": _list, "promoted": _promoted}
    return cli.exit_status(lambda: commands[options.command](options))


def _build(options: argparse.Namespace) -> int:
    if options.image and not _DIGEST.fullmatch(options.image):
        raise ConfigurationError(
            f"IMAGE: {options.image!r} is no digest; give sha256: and 64 hexadecimal digits"
        )
    build(cli.say_on, image_digest=options.image)
    return 0


def _id(_options: argparse.Namespace) -> int:
    """Print the id and the manifest's hash, as a step of a workflow takes them."""
    release = release_in(project_root() / TARGET)
    cli.say(f"id={release.required_manifest.id}")
    cli.say(f"manifest={release.manifest_hash}")
    return 0


def _promoted(_options: argparse.Namespace) -> int:
    cli.say(f"id={promoted_release()}")
    return 0


def _list(options: argparse.Namespace) -> int:
    project = load_project()
    if options.env == LOCAL:
        raise ConfigurationError(
            "the local AWS takes the work tree and keeps no releases; name another environment by ENV"
        )
    artefacts = Artefacts(aws_session(project, options.env), project)
    for model in cli.model_names(project, options.model):
        if len(project.models) > 1:
            cli.say(f"{model}:")
        deployments = Ledger(artefacts, model).deployments(options.limit)
        if not deployments:
            cli.say(f"no release of {model} was deployed to {options.env}")
            continue
        for line in listing_lines(deployments):
            cli.say(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="headrace release", description="Build, identify and list releases."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="build|id|list|promoted")
    building = commands.add_parser("build", help="build a release of the commit that is checked out")
    building.add_argument(
        "--image", default="", metavar="DIGEST", help="of an image that was built elsewhere; none is built"
    )
    commands.add_parser(
        "id", help="print id and manifest hash of the release in dist/release, for $GITHUB_OUTPUT"
    )
    commands.add_parser(
        "promoted", help="print the id of the release that a merge brought to the branch production"
    )
    shared = cli.parser("release list", "List the deployments, the newest first.")
    listing = commands.add_parser(
        "list", parents=[shared], add_help=False, help="list the deployments, the newest first"
    )
    listing.add_argument(
        "--limit",
        type=whole_number("how many to list, 1 or more", least=1),
        default=NEWEST,
        metavar="N",
        help=f"at most N; {NEWEST} by default",
    )
    return parser
