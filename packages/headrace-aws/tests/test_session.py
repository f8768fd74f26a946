"""Who is called, and as whom."""

import os
from pathlib import Path

import pytest

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


def test_no_credentials_is_told_with_the_account_to_log_in_to(
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
