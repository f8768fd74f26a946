"""The report is one harmless document that says everything, whatever the evaluation holds."""

import re
from dataclasses import replace

import numpy as np
import pytest
from reports import HOSTILE, Document, Examples, report_of

from headrace.evaluation import Rule
from headrace.report.numbers import MISSING

SECTIONS = {"gate", "metrics", "ranking", "calibration", "thresholds", "slices", "features", "data"}
PASSED = Rule(name="ROC AUC is at least 0.65", value=0.70551, limit=0.65, passed=True)
FAILED = Rule(
    name="log loss is at most 0.5", value=0.54321, limit=0.5, passed=False, note="worst: carrier UA"
)
WITHOUT_FIGURE = Rule(name="no slice collapses", value=None, limit=None, passed=False, note="one class only")


@pytest.fixture(scope="module")
def ordinary(some: Examples) -> Document:
    return report_of(some, rules=(PASSED,))


@pytest.fixture(scope="module")
def bare(some: Examples) -> Document:
    """A refused first model, without slices and without feature importance."""
    rows = replace(some, champion_score=None)
    return report_of(rows, sliced=False, importance={}, rules=(PASSED, FAILED, WITHOUT_FIGURE))


def test_the_page_is_harmless_and_whole(ordinary: Document) -> None:
    """It loads nothing, its sections are all there and linked, and its drawings are described."""
    ordinary.assert_is_harmless_and_whole()
    ids = [str(attributes["id"]) for _, attributes in ordinary.tags if "id" in attributes]
    assert sorted(ids) == sorted(SECTIONS)
    assert len([each for each in ordinary.elements("svg") if each.get("role") == "img"]) == 7


def test_names_what_made_the_model(ordinary: Document) -> None:
    """Package, commit, rounds, hyperparameters and versions are written; a fingerprint is whole in its title."""
    for words in ("package", "commit", "412", "depth 5", "python 3.11", "2026-01-22 11:20"):
        assert words in ordinary.text
    titles = {each.get("title") for each in ordinary.elements("code")}
    assert {"c0de" * 16, "da7a" * 16} <= titles


def test_verdict(ordinary: Document, bare: Document) -> None:
    """The header has the decision and its summary."""
    assert "✓ Passed The summary of the verdict." in ordinary.text
    assert "✗ Refused The summary of the verdict." in bare.text


def test_every_rule_is_listed(bare: Document) -> None:
    """Each rule stands with its note, figure, limit and mark."""
    assert "ROC AUC is at least 0.65 0.7055 0.6500 ✓ passed" in bare.text
    assert "log loss is at most 0.5 worst: carrier UA 0.5432 0.5000 ✗ failed" in bare.text
    assert f"no slice collapses one class only {MISSING} {MISSING} ✗ failed" in bare.text


def test_best_of_each_metric_is_marked(some: Examples) -> None:
    """Where the champion ranks better it is marked, and the model is not."""
    document = report_of(replace(some, score=1 - some.score, champion_score=some.score))
    auc = re.search(r"0\.5 is guessing\. (.*?) Average precision", document.text)
    assert auc
    assert re.fullmatch(r"0\.\d{4} 0\.\d{4} best 0\.5000", auc[1])


def test_hostile_names_stay_text(some: Examples, ordinary: Document) -> None:
    """Markup in any name or text that comes from data is shown, and adds no element and no attribute."""
    carrier = [HOSTILE + name for name in some.carrier]
    hostile = report_of(
        replace(some, carrier=carrier),
        word=HOSTILE,
        rules=(PASSED.model_copy(update={"name": HOSTILE, "note": HOSTILE}),),
    )
    hostile.assert_adds_no_markup(
        ordinary, "Evaluation of a model", "package", "carrier = ", "number 0", "flights 1,234", "validation"
    )


def test_one_class_has_no_ranking(some: Examples) -> None:
    """Without positive rows the curves are replaced by the reason, and figures that do not exist are dashes."""
    document = report_of(replace(some, label=np.zeros_like(some.label)))
    assert "The test rows hold one class only" in document.text
    labels = [each.get("aria-label") or "" for each in document.elements("svg")]
    assert not [label for label in labels if "ROC" in label or "recall" in label]
    assert f"0.5 is guessing. {MISSING} {MISSING} {MISSING} Average precision" in document.text


def test_what_is_absent_is_said(bare: Document) -> None:
    """Without a champion there is no column for it; slices and importance that do not exist are not hidden."""
    assert "Metric Model Constant ROC AUC" in bare.text
    assert "No champion: none is approved yet." in bare.text
    assert "names no columns to slice by" in bare.text
    assert "The model reports no feature importance." in bare.text


def test_slices_are_listed_worst_first(ordinary: Document) -> None:
    """The table begins with the lowest ROC AUC and says that it is sorted so."""
    rows = re.findall(r"carrier = (\w\w) (0\.\d{4})", ordinary.text)
    assert len(rows) == 3
    assert rows == sorted(rows, key=lambda row: row[1])
    assert [each["aria-sort"] for each in ordinary.elements("th") if "aria-sort" in each] == ["ascending"]


def test_many_slices_are_folded(some: Examples) -> None:
    """Beyond 20 slices the rest is folded away, and none is lost."""
    carrier = [f"carrier{index % 60:02}" for index in range(some.label.size)]
    document = report_of(replace(some, carrier=carrier))
    assert "The other 40 slices" in document.text
    assert len(set(re.findall(r"carrier = (carrier\d\d)", document.text))) == 60


def test_constant_score(some: Examples) -> None:
    """One score for all rows is one bin of calibration and one threshold that flags them all."""
    document = report_of(replace(some, score=np.full(some.label.size, 0.25)))
    assert "Threshold Rows flagged Share flagged Precision Recall Lift 0.2500 600 100.0%" in document.text
    assert "Bins of 600 rows" in document.text


@pytest.mark.parametrize("rows", [1, 3])
def test_tiny_data(some: Examples, rows: int) -> None:
    """One row is enough for a report."""
    document = report_of(some.first(rows))
    assert f"{rows} rows from 2013-10-18 12:00" in document.text


def test_many_rows_and_features_stay_small(many: Examples) -> None:
    """65,000 rows with 60 features and long names make far less than 2 MB, and every feature is listed."""
    carrier = [f"{name}, a name that goes on {'and on ' * 20}" for name in many.carrier]
    document = report_of(replace(many, carrier=carrier), extra_features=60)
    assert len(document.html.encode()) < 500_000
    assert all(f"number {index} number" in document.text for index in range(61))
