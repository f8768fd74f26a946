"""The drift report is one harmless document that shows every feature, whatever the batch holds."""

import re

import numpy as np
import polars as pl
import pytest
from drawn_rows import drawn, profile_of_rows
from reports import HOSTILE, Document, model_facts

from headrace.drift.comparison import comparisons_of
from headrace.drift.verdict import verdict_of
from headrace.features import category, number
from headrace.inference.batches import Batch
from headrace.profile import feature_profiles
from headrace.report.drift import change_of, drift_report
from headrace.report.numbers import MINUS, MISSING
from headrace.report.sketches import compared
from headrace.settings import DriftLimits

TRAINING = drawn(3000, seed=0)


def document(batch: pl.DataFrame, word: str = "") -> Document:
    """Return the report of a batch; `word` is put wherever a name or a text may come from data."""
    profile = profile_of_rows(TRAINING)
    if word:
        named = TRAINING.select((pl.lit(word) + pl.col("coin")).alias(f"{word}coin"))
        features = (category(f"{word}coin"), number(f"{word}normal"))
        named = named.with_columns(TRAINING["normal"].rename(f"{word}normal"))
        profile = profile.model_copy(update={"features": feature_profiles(named, features)})
        batch = named.with_columns(score=TRAINING["score"])
    comparisons = comparisons_of(profile, batch)
    score = batch["score"].to_numpy()
    return Document(
        drift_report(
            verdict_of(DriftLimits(), profile, comparisons, score),
            comparisons,
            Batch(
                rows=len(batch),
                first="2026-02-01T00:00:00Z",
                last="2026-02-07T11:00:00Z",
                data_fingerprint="ba7c" * 16,
                raw_rows={f"{word}rows": len(batch)},
            ),
            model_facts(word),
            profile,
            score,
        )
    )


@pytest.fixture(scope="module")
def ordinary() -> Document:
    """The report of a batch with one feature that has moved and one that is often missing."""
    return document(
        drawn(2000, seed=1).with_columns(
            pl.col("normal") + 1, pl.when(pl.int_range(pl.len()) % 2 > 0).then("age").alias("age")
        )
    )


def test_the_page_is_harmless_and_whole(ordinary: Document) -> None:
    """It loads nothing, its sections are linked, and its drawings are described."""
    ordinary.assert_is_harmless_and_whole()
    assert len([each for each in ordinary.elements("svg") if each.get("class") == "sketch"]) == 7


def test_says_what_drifted(ordinary: Document) -> None:
    """Verdict, rules and the table name the same features, farthest beyond their limits first."""
    assert "✗ Drifted The batch of 2,000 rows has drifted, with 2 of 7 features beyond" in ordinary.text
    assert "rise of missing values at most 0.1 in every feature 1 of 7 features beyond: age" in ordinary.text
    rows = re.findall(r"(\w+) (?:number|category)(, beyond its limits)? ", ordinary.text)
    assert [name for name, beyond in rows if beyond] == ["age", "normal"]
    assert {name for name, _ in rows} == {"normal", "age", "word", "coin", "rain", "tail", "day"}
    assert re.search(rf"mean {MINUS}?0\.0\d+ → (0\.9|1)", ordinary.text)


def test_names_batch_and_model(ordinary: Document) -> None:
    """Rows, window, data and what made the model are written."""
    for words in ("2,000", "2026-02-01 00:00", "2026-02-07 11:00", "2026-01-22 11:20", "training 3,000"):
        assert words in ordinary.text
    assert {"c0de" * 16, "da7a" * 16, "ba7c" * 16} <= {
        each.get("title") for each in ordinary.elements("code")
    }


def test_hostile_names_stay_text(ordinary: Document) -> None:
    """Markup in any name or text that comes from data is shown, and adds no element and no attribute."""
    hostile = document(TRAINING, HOSTILE)
    hostile.assert_adds_no_markup(
        ordinary, "package", "coin category", "normal number", "tail 49", "rows 3,000"
    )


@pytest.mark.parametrize("rows", [1, 2])
def test_tiny_batches(rows: int) -> None:
    """One row is enough for a report."""
    assert f"The batch of {rows} rows" in document(drawn(rows, seed=1)).text


def test_one_score_for_all() -> None:
    """A model that says the same of every row has a report too."""
    text = document(drawn(500, seed=1).with_columns(score=pl.lit(0.25))).text
    assert "in the batch" in text
    assert "0.2500" in text


def test_many_features_stay_small() -> None:
    """A hundred thousand rows make a report of less than half a megabyte."""
    batch = pl.concat([TRAINING] * 33)
    assert len(document(batch).html.encode()) < 300_000


def test_what_changed_most_is_said() -> None:
    """Of a number the means, of a category the value whose share changed most."""
    profile = profile_of_rows(TRAINING)
    batch = drawn(1000, seed=2).with_columns(coin=pl.lit("edge"), rain=pl.lit(None, pl.Float64))
    by_name = {comparison.name: comparison for comparison in comparisons_of(profile, batch)}
    assert change_of(by_name["coin"]) == "unseen 0.0% → 100.0%"
    assert re.fullmatch(rf"mean 0\.0\d+ → {MISSING}", change_of(by_name["rain"]))


def test_a_sketch_has_both_sides_on_one_scale() -> None:
    """Equal shares are equally high, and the highest bar of either side fills the drawing."""
    profile = profile_of_rows(TRAINING)
    comparison = next(each for each in comparisons_of(profile, TRAINING) if each.name == "normal")
    heights = {
        name: [
            float(found) for found in re.findall(rf'class="{name}" .*?height="(.*?)"', compared(comparison))
        ]
        for name in ("then", "now")
    }
    assert heights["then"] == heights["now"]
    assert max(heights["now"]) == 28
    assert len(heights["now"]) == 11
    assert np.ptp(heights["now"][:10]) < 0.5
