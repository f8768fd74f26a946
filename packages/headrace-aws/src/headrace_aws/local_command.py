"""The local AWS of a checkout: `headrace local up|down|status|logs|reset|save|interrupt`."""

from collections.abc import Sequence

import headrace_local.__main__
from headrace_aws import cli
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.local_aws import home, settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""

    def command() -> int:
        root = project_root()
        return headrace_local.__main__.main(
            arguments, home(root), settings(load_project(), root), program="headrace local"
        )

    return cli.exit_status(command)
