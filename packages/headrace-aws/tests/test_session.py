"""Who is called, and as whom."""

import os
import re
from pathlib import Path

import botocore.session
import pytest
from botocore.configprovider import DEFAULT_S3_CONFIG_VARS

from headrace.errors import ConfigurationError
from headrace_aws.config.environment import LOCAL, PLACEHOLDER_ACCOUNTS
from headrace_aws.config.project import Project, load_project
from headrace_aws.session import aws_session
from headrace_local.errors import LocalAwsError
from headrace_local.testing import LocalAws

PROJECT = load_project()
ROLE = "arn:aws:iam::{}:role/tests"


def with_team(account: str) -> Project:
    """The project, with an environment `team` in an account that is no placeholder."""
    environment = PROJECT.environment(LOCAL).model_copy(update={"account": account})
    return PROJECT.model_copy(update={"environments": {"team": environment}})


@pytest.mark.parametrize("account", sorted(PLACEHOLDER_ACCOUNTS))
def test_a_placeholder_account_is_refused_before_any_call(
    account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside local, a placeholder ends the command: with an endpoint that nobody answers, no call is tried."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    with pytest.raises(ConfigurationError) as caught:
        aws_session(with_team(account), "team")
    assert str(caught.value) == (
        f"environment team has the placeholder account {account}; put your own in project.toml"
    )


def test_local_without_a_server_says_how_to_start_one(tmp_path: Path) -> None:
    """The local AWS is never replaced by the real one."""
    with pytest.raises(LocalAwsError, match="make up"):
        aws_session(PROJECT, LOCAL, tmp_path)


def test_local_never_reads_the_callers_configuration(
    local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile that is missing, a broken configuration file, keys, a proxy: nothing of it reaches a local call."""
    broken = tmp_path / "config"
    broken.write_text("not a configuration")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(broken))
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-callers-own")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:1")
    aws = aws_session(PROJECT, LOCAL, local_aws.home)
    assert aws.client("sts").get_caller_identity()["Account"] == aws.account
    credentials = aws.session.get_credentials()
    assert credentials is not None
    assert credentials.access_key == "local"


def read_by_botocore() -> list[str]:
    """Return the environment variables that botocore takes settings from."""
    settings = [*botocore.session.Session.SESSION_VARIABLES.values(), *DEFAULT_S3_CONFIG_VARS.values()]
    names = [variable for _, variable, *_ in settings if variable]
    return [name for named in names for name in ([named] if isinstance(named, str) else named)]


UNREAD = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ROLE_ARN",
    "HTTPS_PROXY",
)


def test_no_variable_of_the_caller_reaches_a_local_call(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a shell says to botocore, also what it cannot read, the local AWS is called as ever."""
    assert "AWS_MAX_ATTEMPTS" in read_by_botocore()
    for name in (*read_by_botocore(), *UNREAD, "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "x")
    aws = aws_session(PROJECT, LOCAL, local_aws.home)
    assert aws.client("sts").get_caller_identity()["Account"] == aws.account
    assert aws.client("s3").list_buckets()["Owner"]


@pytest.fixture
def team(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with an environment `team` on the local AWS, where the caller's variables lead."""
    account = "333333333333"
    answer = local_aws.client("sts").assume_role(RoleArn=ROLE.format(account), RoleSessionName="tests")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", answer["Credentials"]["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", answer["Credentials"]["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", answer["Credentials"]["SessionToken"])
    return with_team(account)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_PROFILE", "no-such-profile"),
        ("AWS_DEFAULT_PROFILE", "no-such-profile"),
        ("AWS_CONFIG_FILE", __file__),
        ("AWS_SHARED_CREDENTIALS_FILE", __file__),
        ("AWS_METADATA_SERVICE_TIMEOUT", "x"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "many"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "x"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "x"),
        ("AWS_DEFAULTS_MODE", "x"),
        ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "x"),
        ("AWS_REQUEST_CHECKSUM_CALCULATION", "never"),
        ("AWS_RESPONSE_CHECKSUM_VALIDATION", "never"),
        ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "x"),
        ("AWS_CREDENTIAL_EXPIRATION", "tomorrow"),
        ("AWS_ENDPOINT_URL", "localhost"),
        ("AWS_ENDPOINT_URL_STS", "http://localhost:1"),
        ("HTTP_PROXY", "http://localhost:1"),
        ("http_proxy", "x"),
        ("http_proxy", "http://[x"),
    ],
)
def test_a_variable_that_is_the_cause_is_named(
    name: str, value: str, team: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the caller's environment says wrongly to AWS ends in one line with the variable and its value."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        aws_session(team, "team")
    assert re.search(
        rf"; (correct or unset|see whether right is) .*{re.escape(f'{name}={value}')}.* in your environment$",
        str(caught.value),
    )
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_DEFAULT_REGION", "AWS_REGION"])
def test_retries_and_region_are_ours(name: str, team: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the session says itself is not asked of the caller."""
    monkeypatch.setenv(name, "x")
    assert aws_session(team, "team").client("s3").meta.region_name == PROJECT.environment(LOCAL).region


def test_a_variable_of_one_service_is_named(team: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which the first call, to another service, cannot find."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "x")
    aws = aws_session(team, "team")
    with pytest.raises(ConfigurationError, match=r"s3 cannot be called: .* unset AWS_ENDPOINT_URL_S3=x"):
        aws.client("s3")


def test_the_callers_account_must_be_the_environments(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials of another account are refused by name; those of the right one are taken."""
    account = "333333333333"
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(ConfigurationError, match=f"account 000000000000; log in to {account}") as caught:
        aws_session(with_team(account), "team")
    # Left from the local AWS, the variable sends every call there, and no login helps.
    assert str(caught.value).endswith(
        f". AWS_ENDPOINT_URL sends the call to {local_aws.endpoint}: unset it to reach AWS"
    )

    answer = local_aws.client("sts").assume_role(RoleArn=ROLE.format(account), RoleSessionName="tests")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", answer["Credentials"]["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", answer["Credentials"]["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", answer["Credentials"]["SessionToken"])
    aws = aws_session(with_team(account), "team")
    assert (aws.account, aws.name) == (account, "team")


def test_no_credentials_is_reported_with_the_account_to_log_in_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without credentials the message says for which environment and account they are needed."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(
        ConfigurationError, match=r"environment team: no valid AWS credentials.*333333333333$"
    ):
        aws_session(with_team("333333333333"), "team")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://localhost:1")
    with pytest.raises(ConfigurationError, match="AWS_ENDPOINT_URL_STS sends the call to http://localhost:1"):
        aws_session(with_team("333333333333"), "team")


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("value", ["secret\n", "sec ret", "secrét"])
def test_a_key_that_cannot_be_is_told_and_not_shown(
    name: str, value: str, team: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of the call would have it in a header."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"^{name} has a character that no key has") as caught:
        aws_session(team, "team")
    assert "sec" not in str(caught.value)
