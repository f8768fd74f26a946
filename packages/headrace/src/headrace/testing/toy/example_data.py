"""Visits drawn at random: the red and the old spend more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

ROWS = 2000


def visits(rows: int = ROWS, seed: int = 0) -> pl.DataFrame:
    """Return raw visits, an hour apart."""
    random = np.random.default_rng(seed)
    colour = random.choice(["blue", "green", "red"], rows)
    age = random.uniform(18, 90, rows)
    spent = random.gamma(
        4, (4 + 6 * (colour == "red") + age / 20) / 4
    )  # of that mean, with half of it as spread
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "visitor": np.arange(1, rows + 1),
            "at": [(start + timedelta(hours=hour)).isoformat() for hour in range(rows)],
            "colour": colour,
            "age": age.round(1),
            "spent": spent.round(2),
        }
    )


def example_tables(folder: Path) -> None:
    """Write the raw table as a CSV file."""
    visits().write_csv(folder / "visits.csv")
