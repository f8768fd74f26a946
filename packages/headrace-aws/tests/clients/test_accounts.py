"""Two accounts on one server, by the AWS command line: the second is entered by assuming a role of it."""

from dataclasses import replace
from pathlib import Path

from clients_shell import ACCOUNT, Shell

OTHER = "111111111111"
TOPIC = "Resources:\n  News: { Type: AWS::SNS::Topic, Properties: { TopicName: news } }\n"


def entered(shell: Shell, role: str, *options: str) -> Shell:
    """Return a shell with the credentials of a role."""
    keys = shell.shown("sts", "assume-role", "--role-arn", role, "--role-session-name", "person", *options)
    credentials = keys["Credentials"]
    also = {
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
    return replace(shell, also=also)


def test_each_account_has_its_own(shell: Shell, tmp_path: Path) -> None:
    """The same stack is deployed to both; each sees its own topic, and deleting one leaves the other."""
    template = tmp_path / "news.yaml"
    template.write_text(TOPIC)
    other = entered(shell, f"arn:aws:iam::{OTHER}:role/OrganizationAccountAccessRole")
    assert shell.shown("sts", "get-caller-identity")["Account"] == ACCOUNT
    identity = other.shown("sts", "get-caller-identity")
    assert identity["Account"] == OTHER
    assert identity["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/OrganizationAccountAccessRole/person"

    assert other.shown("cloudformation", "list-stacks")["StackSummaries"] == []
    for one in (shell, other):
        one.aws("cloudformation", "deploy", "--template-file", str(template), "--stack-name", "news")
    assert [topic["TopicArn"] for topic in other.shown("sns", "list-topics")["Topics"]] == [
        f"arn:aws:sns:eu-central-1:{OTHER}:news"
    ]
    other.aws("cloudformation", "delete-stack", "--stack-name", "news")
    other.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", "news")
    assert other.shown("sns", "list-topics")["Topics"] == []
    stack = shell.shown("cloudformation", "describe-stacks", "--stack-name", "news")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_a_bucket_is_closed_to_the_other_account(shell: Shell, tmp_path: Path) -> None:
    """The first account's data is refused to the second, which has buckets of its own."""
    other = entered(shell, f"arn:aws:iam::{OTHER}:role/OrganizationAccountAccessRole")
    assert "AccessDenied" in other.refused("s3", "ls", f"s3://{shell.fork.bucket}/")
    file = tmp_path / "note.txt"
    file.write_text("ours")
    other.aws("s3", "mb", "s3://bucket-of-the-other")
    other.aws("s3", "cp", str(file), "s3://bucket-of-the-other/")
    assert "note.txt" in other.aws("s3", "ls", "s3://bucket-of-the-other/")
    assert "bucket-of-the-other" in other.aws("s3", "ls")
    assert "bucket-of-the-other" not in shell.aws("s3", "ls")
