"""How every command ends after an error: one message, status 2, no traceback."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from headrace.errors import ConfigurationError
from headrace_aws import cli
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.data import raw_data
from headrace_aws.deploy import deployment
from headrace_aws.runs import run

ROOT = project_root()

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))


@pytest.mark.parametrize("command", [deployment.main, raw_data.main, run.main])
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
    assert cli.model_names(two, None) == ["one", "two"]
    assert cli.model_names(two, "two") == ["two"]


def test_a_deployment_goes_on_when_nobody_reads() -> None:
    """`make deploy | head -1` changes as much as `make deploy`: a closed pipe ends what is said, not what is done."""
    program = "import sys; from headrace_aws import cli; [cli.say_on('line') for _ in range(9)]; sys.stderr.write('done')"
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        check=False,
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"done")
