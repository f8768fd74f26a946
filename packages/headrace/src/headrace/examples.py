"""Examples: one row per thing to predict, with its features, and its label where that is known."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from headrace.arrays import Labels
from headrace.errors import DataError
from headrace.stored_files import read_parquet

FILE = "part-0.parquet"


@dataclass(frozen=True)
class Examples:
    """Rows of one kind, in one frame.

    Columns: `label` (0, 1 or null), `time` (UTC), and one struct each for `entity`, `slice` and `feature`, so
    that a feature and a slice may bear the same name.
    """

    frame: pl.DataFrame

    @property
    def label(self) -> Labels:
        """The labels, shape (rows,)."""
        return self.frame["label"].cast(pl.Int8).to_numpy()

    @property
    def features(self) -> pl.DataFrame:
        """One column per feature."""
        return self.frame["feature"].struct.unnest()

    @property
    def slices(self) -> pl.DataFrame:
        """One column per slice; none when the model declares none."""
        return self.frame["slice"].struct.unnest() if "slice" in self.frame.columns else pl.DataFrame()

    @property
    def first(self) -> str:
        """Time of the oldest row, ISO 8601."""
        return _iso(self.frame.select(pl.col("time").min()))

    @property
    def last(self) -> str:
        """Time of the newest row, ISO 8601."""
        return _iso(self.frame.select(pl.col("time").max()))

    def write(self, folder: Path, name: str = FILE) -> None:
        """Write Parquet into a folder, whole or not at all."""
        write_whole(self.frame, folder, name)


def write_whole(frame: pl.DataFrame, folder: Path, name: str, metadata: dict[str, str] | None = None) -> Path:
    """Write a frame as a Parquet file into a folder, whole or not at all, and return its path.

    `metadata` becomes key-value metadata of the file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{name}"
    frame.write_parquet(partial, metadata=metadata)
    return partial.rename(folder / name)


def example_files(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder, by name; none is an empty list."""
    return sorted(path for path in folder.glob("*.parquet") if not path.name.startswith("."))


def read_example_file(path: Path) -> Examples:
    """Return the examples of one file; raise `DataError` when it cannot be read, or has no rows."""
    return _examples([path], str(path), "the predict job scores it: run the batch job again")


def read_examples(folder: Path) -> Examples:
    """Return the examples of all Parquet files in a folder; raise `DataError` when there are none."""
    files = example_files(folder)
    if not files:
        raise DataError(f"no examples in {folder}: expected *.parquet from the prepare job")
    return _examples(files, str(folder), "a model is trained or judged on it: run the prepare job again")


def _examples(files: list[Path], name: str, needed: str) -> Examples:
    frame = read_parquet(files, DataError, needed)
    lacking = {"entity", "time", "label", "feature"} - set(frame.columns)
    if lacking or frame.is_empty():
        raise DataError(f"{name} {f'has no column {min(lacking)!r}' if lacking else 'has no rows'}; {needed}")
    return Examples(frame)


def _iso(time: pl.DataFrame) -> str:
    return str(time.select(pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).item())
