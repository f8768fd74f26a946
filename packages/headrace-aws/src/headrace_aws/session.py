"""A session with AWS for one environment: the caller's account is checked before any call that could change something."""

import os
import re
from dataclasses import dataclass, field, replace
from json import JSONDecodeError
from pathlib import Path
from typing import Any, cast

import boto3
import botocore.session
from botocore.config import Config

from headrace.errors import ConfigurationError
from headrace_aws import local_aws
from headrace_aws.aws_words import AWS_ERRORS, setting_hint
from headrace_aws.config.environment import LOCAL, PLACEHOLDER_ACCOUNTS, Environment
from headrace_aws.config.project import Project
from headrace_aws.waiting import say_beside
from headrace_local.errors import LocalAwsError
from headrace_local.lifecycle import loss
from headrace_local.saving import cannot_save, last_save_error

# What comes of a setting that botocore cannot read, or of a helper that gives credentials.
_SETTING_ERRORS = (*AWS_ERRORS, RuntimeError, ValueError, TypeError, OSError)


@dataclass(frozen=True)
class AwsSession:
    """An environment, and the clients that call its account."""

    name: str
    environment: Environment
    session: boto3.Session
    config: Config
    endpoint: str | None = None
    home: Path | None = None  # the folder of the local AWS
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def account(self) -> str:
        """The account, 12 digits."""
        return self.environment.account

    @property
    def region(self) -> str:
        """The region, such as eu-west-1."""
        return self.environment.region

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes each client's class while running
        """Return the client of a service, such as `s3`; made once, as that takes longer than most calls."""
        if service not in self._clients:
            session = cast("Any", self.session)  # boto3's type wants the name as a literal
            try:
                self._clients[service] = session.client(
                    service, region_name=self.region, endpoint_url=self.endpoint, config=self.config
                )
            except JSONDecodeError as error:  # the answer of a program that ~/.aws/config names
                raise ConfigurationError(
                    f"the credential_process of your AWS profile answers no JSON: {error}; see what it prints"
                ) from error
            except ValueError as error:
                raise ConfigurationError(
                    f"{service} cannot be called: {error}{setting_hint(error)}"
                ) from error
        return self._clients[service]


def session_for(aws: AwsSession, project: Project, environment_name: str) -> AwsSession:
    """Return a session for another environment, of this project or of another, as the same caller.

    Whether the caller may enter that account is seen by the first call.
    """
    environment = project.environment(environment_name)
    same = (environment.account, environment.region) == (aws.account, aws.region)
    clients = aws._clients if same else {}  # noqa: SLF001 - its own class's, which has no other way in
    return replace(aws, name=environment_name, environment=environment, _clients=clients)


def check_no_placeholder(project: Project, environment_name: str) -> None:
    """Raise `ConfigurationError` when the account of an environment is still the template's."""
    account = project.environment(environment_name).account
    if environment_name != LOCAL and account in PLACEHOLDER_ACCOUNTS:
        raise ConfigurationError(
            f"environment {environment_name} has the placeholder account {account}; put your own in project.toml"
        )


def aws_session(project: Project, environment_name: str, home: Path | None = None) -> AwsSession:
    """Return a session for an environment; `home` is the folder of the local AWS.

    Raises:
        ConfigurationError: no such environment, its account is a placeholder, or the caller's credentials are
            missing or of another account.
        LocalAwsError: the environment is `local` and the local AWS is not running.
    """
    environment = project.environment(environment_name)
    if environment_name == LOCAL:
        return _local_session(project, home or local_aws.home())
    check_no_placeholder(project, environment_name)
    _check_keys()
    config = Config(retries={"mode": "standard", "total_max_attempts": 5})
    try:
        session = boto3.Session(region_name=environment.region)
        aws = AwsSession(environment_name, environment, session, config)
        account = aws.client("sts").get_caller_identity()["Account"]
    except _SETTING_ERRORS as error:
        raise ConfigurationError(
            f"environment {environment_name}: {_reason(error, environment.account)}"
        ) from error
    if account != aws.account:
        raise ConfigurationError(
            f"environment {aws.name} is account {aws.account} in project.toml, but your credentials are of "
            f"account {account}; log in to {aws.account}, or correct project.toml{_endpoint_hint()}"
        )
    return aws


def _check_keys() -> None:
    """Raise `ConfigurationError` for a key that no header can have: the error of the call would show it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        if not re.fullmatch(r"[!-~]*", os.environ.get(name, "")):
            raise ConfigurationError(
                f"{name} has a character that no key has, such as a space or a line break; set it without"
            )


def _local_session(project: Project, home: Path) -> AwsSession:
    environment = project.environment(LOCAL)
    server = local_aws.running(project, home)
    if server is None:
        lost = loss(home)
        raise LocalAwsError(
            f"the local AWS is not running; `make up` starts it{f' ({lost})' if lost else ''}"
        )
    if reason := last_save_error(server.endpoint):
        say_beside(f"warning: {cannot_save(reason)}")
    # The caller's profile, configuration, variables and credentials are never read: no call can reach a real account.
    unread = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
    }
    files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    session = botocore.session.Session(session_vars=unread | files)
    session.set_credentials("local", "local")
    config = Config(
        proxies={},  # nor does a call to this machine go through a proxy
        s3={"addressing_style": "path", "us_east_1_regional_endpoint": "regional"},
        use_dualstack_endpoint=False,
        use_fips_endpoint=False,
    )
    return AwsSession(
        LOCAL,
        environment,
        boto3.Session(botocore_session=session, region_name=environment.region),
        config,
        server.endpoint,
        home,
    )


def _reason(error: BaseException, account: str) -> str:
    """Return why nobody is known to AWS as the caller, and what to do."""
    text = " ".join(str(error).split())
    if hint := setting_hint(error):
        return f"AWS cannot be called: {text}{hint}"
    if "expired" in text.lower():
        return (
            f"your AWS credentials have expired ({text}); log in to account {account} again{_endpoint_hint()}"
        )
    return f"no valid AWS credentials ({text}); log in to account {account}{_endpoint_hint()}"


def _endpoint_hint() -> str:
    """Return what to add when the environment sends calls elsewhere, as `eval "$(make up)"` has it do."""
    named = [name for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS") if os.environ.get(name)]
    return "".join(f". {name} sends the call to {os.environ[name]}: unset it to reach AWS" for name in named)
