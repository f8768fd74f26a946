"""The container contract: where folders are, and where a failure is told."""

from pathlib import Path

import pytest

from headrace import container
from headrace.errors import ConfigurationError, DataError


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /opt/ml."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return tmp_path


def test_the_base_is_opt_ml_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable, folders are where SageMaker mounts them."""
    monkeypatch.delenv("SAGEMAKER_BASE_DIR")
    assert container.processing_input("raw") == Path("/opt/ml/processing/input/raw")
    assert container.channel("train") == Path("/opt/ml/input/data/train")


@pytest.mark.parametrize("failure_file", ["failure", "message"])
def test_a_failure_is_left_where_sagemaker_reads_it(
    failure_file: str, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message of an error on purpose is in the file and in the log, without a traceback."""

    def fail() -> None:
        raise DataError("column 'age' is missing")

    assert container.run(fail, failure_file) == 1  # type: ignore[arg-type]
    assert (base / "output" / failure_file).read_text() == "column 'age' is missing"
    assert capsys.readouterr().err == "error: column 'age' is missing\n"


def test_an_unforeseen_error_is_told_too(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bug leaves its type and message in the file, cut to what SageMaker keeps, and its traceback in the log."""

    def fail() -> None:
        raise ZeroDivisionError("x" * 2000)

    assert container.run(fail, "failure") == 1
    assert (base / "output" / "failure").read_text() == ("ZeroDivisionError: " + "x" * 2000)[:1024]
    assert "Traceback" in capsys.readouterr().err


def test_a_long_message_ends_with_a_whole_character(base: Path) -> None:
    """SageMaker keeps bytes, and a character may have several."""

    def fail() -> None:
        raise DataError("a" + "ü" * 2000)

    assert container.run(fail, "message") == 1
    content = (base / "output" / "message").read_bytes()
    assert len(content) == 1023
    assert content.decode() == "a" + "ü" * 511


def test_a_job_that_works_leaves_no_failure(base: Path) -> None:
    """Success is status 0 and no file."""
    assert container.run(lambda: None, "message") == 0
    assert not (base / "output").exists()


def test_hyperparameters_may_be_absent_or_broken(base: Path) -> None:
    """No file is no hyperparameters; a broken one is named."""
    assert container.hyperparameters() == {}
    path = base / "input" / "config" / "hyperparameters.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"max_depth": "4"}')
    assert container.hyperparameters() == {"max_depth": "4"}
    path.write_text("{")
    with pytest.raises(ConfigurationError, match=r"hyperparameters\.json is not JSON: line 1, column 2"):
        container.hyperparameters()


def test_instances_are_those_of_the_cluster(base: Path) -> None:
    """A job by hand runs on one; a file that names no hosts is told."""
    assert container.instances() == 1
    (base / "config").mkdir()
    (base / "config" / "resourceconfig.json").write_text('{"hosts": ["algo-1", "algo-2"]}')
    assert container.instances() == 2
    (base / "config" / "resourceconfig.json").write_text("[]")
    with pytest.raises(ConfigurationError, match="names no hosts"):
        container.instances()
