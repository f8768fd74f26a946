"""How every command ends after an error: one message, status 2, no traceback."""

from collections.abc import Callable, Sequence

import pytest

from headrace.errors import ConfigurationError
from infra import cli, deploy, raw_data, run
from pipelines.project import load_project

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))


@pytest.mark.parametrize("command", [deploy.main, raw_data.main, run.main])
def test_a_model_that_is_not_in_the_project_is_an_error(
    command: Callable[[Sequence[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A model's name is checked first, and the message lists what there is."""
    assert command(["--model", "nobody"]) == 2
    assert capsys.readouterr().err == f"error: model 'nobody' is not in project.toml; it has: {MODEL}\n"


def test_the_only_model_need_not_be_named() -> None:
    """With one model its name may be left out; with two the message lists them."""
    one = PROJECT.model_copy(update={"models": {"one": PROJECT.model(MODEL)}})
    two = PROJECT.model_copy(update={"models": {"one": PROJECT.model(MODEL), "two": PROJECT.model(MODEL)}})
    assert cli.model_name(one, None) == "one"
    assert cli.model_name(two, "two") == "two"
    with pytest.raises(ConfigurationError, match="one, two"):
        cli.model_name(two, None)
