"""Print what a workflow's job needs to reach an environment: `headrace settings --env dev --role plan`.

As `name=value` lines, for $GITHUB_OUTPUT: so project.toml stays the one place that knows accounts.
"""

from collections.abc import Sequence

from headrace.errors import ConfigurationError
from headrace_aws import cli, naming
from headrace_aws.config.project import Project, load_project
from headrace_aws.session import check_no_placeholder

ROLES = ("plan", "preview", "drift", "deploy")
OF_PULL_REQUESTS = frozenset({"plan", "preview"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.environment_parser("settings", "Print account, region and a role of an environment.")
    parser.add_argument(
        "--role",
        required=True,
        choices=ROLES,
        help="a role of the bootstrap stack; plan and drift only read",
    )
    options = parser.parse_args(arguments)

    def command() -> int:
        for name, value in settings(load_project(), options.env, options.role).items():
            cli.say(f"{name}={value}")
        return 0

    return cli.exit_status(command)


def settings(project: Project, environment_name: str, role: str) -> dict[str, str]:
    """Return account, region and a role's ARN, by the names that the workflows use.

    Raises:
        ConfigurationError: no such environment, its account is a placeholder, or it has no such role.
    """
    check_no_placeholder(project, environment_name)
    environment = project.environment(environment_name)
    if environment.after and role in OF_PULL_REQUESTS:
        raise ConfigurationError(
            f"environment {environment_name} takes its releases from {environment.after}, and has no role {role}: "
            f"pull requests reach {environment.after} only"
        )
    return {
        "account": environment.account,
        "region": environment.region,
        "role": naming.role_arn(project, environment, role),
    }
