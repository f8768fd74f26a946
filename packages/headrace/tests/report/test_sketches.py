"""The small distributions in the feature table keep proportions."""

import re
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from headrace.features import Feature, category, number
from headrace.profile import feature_profiles
from headrace.report.sketches import HEIGHT, WIDTH, sketch


def bars(column: pl.Series, kind: Callable[[str], Feature]) -> list[tuple[float, ...]]:
    """Return (left, top, width, height) of each bar of the column's sketch."""
    profile = feature_profiles(column.rename("x").to_frame(), (kind("x"),))["x"]
    return [
        tuple(map(float, found))
        for found in re.findall(r'<rect x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"/>', sketch(profile))
    ]


def test_areas_of_a_histogram_are_shares() -> None:
    """Bins at the deciles hold a tenth each, so all bars have one area however wide they are."""
    found = bars(pl.Series(np.linspace(1, 2, 1001) ** 2), number)
    areas = [width * height for _, _, width, height in found]
    assert len(areas) == 10
    assert areas == pytest.approx([areas[0]] * 10, rel=0.02)
    assert found[-1][0] + found[-1][2] == pytest.approx(WIDTH, abs=0.2)


def test_bars_of_a_category_are_as_high_as_frequent() -> None:
    """The most frequent value has the full height, one half as frequent the half."""
    heights = [height for *_, height in bars(pl.Series(["a", "a", "b"]), category)]
    assert heights == [HEIGHT, HEIGHT / 2]


@pytest.mark.parametrize(
    ("column", "kind", "drawn"),
    [
        (pl.Series([3.0, 3.0]), number, 1),
        (pl.Series([None, None], dtype=pl.Float64), number, 0),
        (pl.Series([None], dtype=pl.String), category, 0),
        (pl.Series([str(index) for index in range(99)]), category, 12),
    ],
    ids=["constant", "no number", "no category", "many categories"],
)
def test_how_many_bars(column: pl.Series, kind: Callable[[str], Feature], drawn: int) -> None:
    """A constant is one bar, no value is no bar, and of many categories the first twelve are drawn."""
    assert len(bars(column, kind)) == drawn
