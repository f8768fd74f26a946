"""What the tests of the library share: a model of one small table, prepared once."""

from pathlib import Path

import polars as pl
import pytest
from toy import MODEL
from toy.example_data import visits

from headrace.examples import Examples
from headrace.prepare import examples_of, profile_of, split_by_time
from headrace.profile import Profile
from headrace.settings import Split
from headrace.tables import read_tables


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder with the toy's raw table."""
    folder = tmp_path / "raw"
    folder.mkdir()
    visits().write_csv(folder / "visits.csv")
    return folder


@pytest.fixture(scope="session")
def splits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Examples]:
    """The toy's examples, split by time."""
    folder = tmp_path_factory.mktemp("raw")
    visits().write_csv(folder / "visits.csv")
    examples = examples_of(MODEL, read_tables(folder, MODEL.tables))
    return split_by_time(Examples(examples.frame.drop_nulls("label")), Split())


@pytest.fixture(scope="session")
def profile(splits: dict[str, Examples]) -> Profile:
    """The profile of the toy's examples."""
    return profile_of(MODEL, splits, data_fingerprint="0" * 64, raw_rows={"visits": 2000}, unlabelled_rows=0)


@pytest.fixture
def frame() -> pl.DataFrame:
    """The toy's raw rows."""
    return visits(200)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /opt/ml."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return tmp_path
