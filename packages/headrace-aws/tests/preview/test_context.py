"""Names of previews, and where there are none."""

import pytest

from headrace.errors import ConfigurationError
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.preview.context import preview_name, preview_of
from headrace_aws.session import AwsSession, aws_session
from headrace_local.testing import LocalAws

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
SETTINGS = PROJECT.models[MODEL]


def test_a_name_that_is_too_long_is_refused() -> None:
    """A preview bears a model's name, and must fit where a model's does."""
    fact = "a-model-of-twenty-chars-pr-12, which is 29 characters and may be 24"
    with pytest.raises(ConfigurationError, match=fact):
        preview_name("a-model-of-twenty-chars", 12)


@pytest.fixture
def aws(local_aws: LocalAws) -> AwsSession:
    return aws_session(PROJECT, LOCAL, local_aws.home)


def test_nothing_starts_by_itself_in_a_preview(aws: AwsSession) -> None:
    """It has the model's settings, and the environment's without schedules, triggers and automatic approval."""
    preview = preview_of(aws, PROJECT, MODEL, 7)
    environment = preview.aws.environment
    assert preview.settings == SETTINGS
    assert (environment.automation, environment.approval) == (False, "manual")
    assert environment.schedules.retraining == environment.schedules.inference == ""
    assert preview.aws.client("s3") is aws.client("s3")


def test_a_protected_environment_takes_no_previews(aws: AwsSession) -> None:
    """What is protected is no place to try things."""
    environment = aws.environment.model_copy(update={"protected": True})
    protected = AwsSession(aws.name, environment, aws.session, aws.config, aws.endpoint)
    with pytest.raises(ConfigurationError, match="environment local is protected, and takes no previews"):
        preview_of(protected, PROJECT, MODEL, 7)
