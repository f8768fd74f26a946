"""Names of previews, and where there are none."""

import pytest

from headrace.errors import ConfigurationError
from infra.aws import Clients, clients
from infra.preview.place import preview_name, preview_of
from pipelines.environment import LOCAL
from pipelines.project import load_project
from tests.conftest import LocalAws

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
SETTINGS = PROJECT.models[MODEL]


def test_a_name_that_is_too_long_is_refused() -> None:
    """A preview bears a model's name, and must fit where a model's does."""
    fact = "a-model-of-twenty-chars-pr-12, which is 29 characters and may be 24"
    with pytest.raises(ConfigurationError, match=fact):
        preview_name("a-model-of-twenty-chars", 12)


@pytest.fixture
def found(local_aws: LocalAws) -> Clients:
    return clients(PROJECT, LOCAL, local_aws.home)


def test_nothing_starts_by_itself_in_a_preview(found: Clients) -> None:
    """It has the model's settings, and the environment's without schedules, triggers and automatic approval."""
    preview = preview_of(found, PROJECT, MODEL, 7)
    environment = preview.found.environment
    assert preview.settings == SETTINGS
    assert (environment.automation, environment.approval) == (False, "manual")
    assert environment.schedules.retraining == environment.schedules.inference == ""
    assert preview.found.client("s3") is found.client("s3")


def test_a_protected_environment_takes_no_previews(found: Clients) -> None:
    """What is protected is no place to try things."""
    environment = found.environment.model_copy(update={"protected": True})
    protected = Clients(found.name, environment, found.session, found.config, found.endpoint)
    with pytest.raises(ConfigurationError, match="environment local is protected, and takes no previews"):
        preview_of(protected, PROJECT, MODEL, 7)
