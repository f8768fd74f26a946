"""The quality report is one harmless document: metrics now and then, by run date, and what predicted."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from reports import HOSTILE, Document, examples, model_facts

from headrace.examples import Examples
from headrace.inference.published import Facts, Published, Skipped
from headrace.inference.quality import Registered, labelled_of, quality_of
from headrace.metrics import metrics_of
from headrace.report.quality import quality_report
from headrace.settings import QualityLimits

ROWS = 3000


def document(dates: int, word: str = "", *, one_class: bool = False, judged: bool = True) -> Document:
    """Return the report of that many run dates; `word` is put wherever a text may come from data."""
    rows = examples(ROWS)
    label = np.zeros_like(rows.label) if one_class else rows.label
    entity = pl.DataFrame({"id": np.arange(ROWS)})
    time = pl.Series("time", [datetime(2026, 1, 1, tzinfo=UTC)] * ROWS)
    table = entity.with_columns(time, score=rows.score)
    starts = np.linspace(0, ROWS, dates + 1).astype(int)
    published = [
        Published(
            f"{word}2026-{1 + index // 28:02}-{1 + index % 28:02}",
            table[int(starts[index]) : int(starts[index + 1])],
            Facts(
                model_package_arn=f"{word}model-package/{2 * index // dates}", data_fingerprint="ba7c" * 16
            ),
        )
        for index in range(dates)
    ]
    known = pl.DataFrame({"label": label, "time": time, "entity": entity.to_struct()})
    registered = Registered(
        model_package_arn=f"{word}model-package/{min(dates - 1, 1)}",
        model=model_facts(word),
        metrics=metrics_of(rows.label, np.clip(rows.score + 0.02, 0, 1)),
        tested_from=datetime(2026, 1, 1 if judged else 2, tzinfo=UTC),
    )
    labelled = labelled_of(published, Examples(known), registered)
    skipped = [Skipped(date=f"{word}2026-01-31", reason=f"{word}reason")]
    quality = quality_of(QualityLimits(), labelled, registered, skipped, "da7a" * 16)
    return Document(quality_report(quality, labelled, registered.model, published))


@pytest.fixture(scope="module")
def ordinary() -> Document:
    return document(4)


def test_the_page_is_harmless_and_whole(ordinary: Document) -> None:
    """It loads nothing, its sections are linked, and its drawings are described."""
    ordinary.assert_is_harmless_and_whole()
    assert len(ordinary.elements("svg")) == 4


def test_says_how_quality_was_and_is(ordinary: Document) -> None:
    """Verdict, rules, metrics of both moments and each date are there, the newest date first."""
    assert (
        "✓ Holds Quality over 1,500 labelled predictions of new rows is within its 2 limits." in ordinary.text
    )
    assert "Metric Now At registration ROC AUC" in ordinary.text
    assert "best" not in ordinary.text.split("Run dates")[-1]
    assert ordinary.text.index("2026-01-04 1 750 750") < ordinary.text.index("2026-01-01 0 750 750")
    assert "Skipped" in ordinary.text
    assert "2026-01-31 reason" in ordinary.text
    assert "model-package/1 2 2026-01-03 2026-01-04 1,500" in ordinary.text


def test_hostile_names_stay_text(ordinary: Document) -> None:
    """Markup in any text that comes from data is shown, and adds no element and no attribute."""
    hostile = document(4, HOSTILE)
    hostile.assert_adds_no_markup(ordinary, "package", "model-package/1", "reason", "2026-01-04")


def test_one_class_and_one_date() -> None:
    """Where no row is positive there is no ROC AUC to draw, and the rule that wants one says so."""
    text = document(1, one_class=True).text
    assert "ROC AUC by run date" not in text
    assert "Log loss by run date" in text
    assert "no figure: the rows have one class only" in text


def test_nothing_to_judge() -> None:
    """Without a row that may be judged the page has no chart of them, and says so."""
    page = document(4, judged=False)
    assert (
        "✓ Not judged Nothing to judge yet: all 1,500 labelled predictions that the model made" in page.text
    )
    assert "Now: nothing that may be judged." in page.text
    assert "No row may be judged yet." in page.text
    assert len(page.elements("svg")) == 2


def test_many_dates_stay_readable() -> None:
    """Of many dates the newest sixty are listed, and how many are left out is said."""
    text = document(100).text
    assert "The 40 older dates are in quality.json." in text
    assert "2026-04-16" in text
