"""The container contract: where folders are, and where a failure is reported."""

import errno
from pathlib import Path

import polars as pl
import pytest

from headrace import container
from headrace.errors import ConfigurationError, DataError
from headrace.jobs import batch


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


LOG = "; the traceback is in the job's log"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ZeroDivisionError("division\nby zero"), f"ZeroDivisionError: division by zero{LOG}"),
        (OverflowError("date value out of range"), f"OverflowError: date value out of range{LOG}"),
        (RecursionError("maximum recursion depth exceeded"), f"RecursionError: maximum recursion depth exceeded{LOG}"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), f"UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid{LOG}"),
        (KeyError("a"), f"KeyError: 'a'{LOG}"),
        (AssertionError(), f"AssertionError{LOG}"),
        (pl.exceptions.PanicException("index out of bounds"), f"PanicException: index out of bounds{LOG}"),
        (MemoryError(), "the job ran out of memory; give it a larger instance_type in project.toml"),
        (PermissionError(errno.EACCES, "Permission denied", "/opt/ml/x"), "/opt/ml/x: Permission denied; give yourself the right"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/opt/ml/x"), "/opt/ml/x: Is a directory; it is a folder, and a file is needed"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device; make room on the disk"),
    ],
)  # fmt: skip
def test_an_unforeseen_error_is_reported_too(
    error: BaseException, message: str, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, in the file and in the log, which has the traceback too."""

    def fail() -> None:
        raise error

    assert container.run(fail, "failure") == 1
    assert (base / "output" / "failure").read_text().startswith(message)
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert f"\nerror: {message}"[:40] in said


def test_an_interrupted_job_says_so(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C of a job by hand is no failure, and no traceback."""

    def fail() -> None:
        raise KeyboardInterrupt

    assert container.run(fail, "message") == 130
    assert capsys.readouterr().err == "\ninterrupted\n"
    assert not (base / "output").exists()


def test_wrong_arguments_are_left_where_sagemaker_reads_them(base: Path) -> None:
    """As any other failure: a job's exit status alone would say nothing."""
    with pytest.raises(SystemExit, match="2"):
        batch.main(["--model", "flights", "--parts", "nan"])
    assert (
        base / "output" / "message"
    ).read_text() == "argument --parts: 'nan' is not a number of files to write, 1 or more"


def test_a_failure_that_cannot_be_left_is_in_the_log(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where the folder would be hides no cause."""

    def fail() -> None:
        raise DataError("column 'age' is missing")

    (base / "output").write_text("")
    assert container.run(fail, "message") == 1
    assert capsys.readouterr().err == "error: column 'age' is missing\n"


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
    """A job by hand runs on one; a file that names no hosts is reported."""
    assert container.instances() == 1
    (base / "config").mkdir()
    (base / "config" / "resourceconfig.json").write_text('{"hosts": ["algo-1", "algo-2"]}')
    assert container.instances() == 2
    (base / "config" / "resourceconfig.json").write_text("[]")
    with pytest.raises(ConfigurationError, match="names no hosts"):
        container.instances()
