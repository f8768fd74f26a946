"""The server process."""

from typing import Any


def test_the_default_account_is_the_one_of_the_local_environment(local_aws: Any) -> None:
    """Any access key belongs to the account that project.toml gives to `local`, not to moto's 123456789012."""
    assert local_aws.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_an_assumed_role_acts_in_its_own_account(local_aws: Any) -> None:
    """Two accounts on one server see nothing of each other."""
    other = "111122223333"
    assert local_aws.client("sts", other).get_caller_identity()["Account"] == other
    local_aws.client("sns").create_topic(Name="here-only")
    topics = local_aws.client("sns", other).list_topics()["Topics"]
    assert not [topic for topic in topics if "here-only" in topic["TopicArn"]]
