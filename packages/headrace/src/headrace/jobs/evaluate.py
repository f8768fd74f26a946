"""Job `evaluate`: a model artefact on the test examples -> evaluation.json and report.html.

Inputs `model` (the training's model.tar.gz), `test` and `profile`, and `champion` where there is one: another
model.tar.gz, or the failure.json of an evaluation that could not read it; outputs `evaluation` and `report`.
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl

from headrace import container, strict_json
from headrace.arrays import Scores
from headrace.artefact import NEEDED, Artefact, load_artefact, unpacked
from headrace.evaluation import Evaluation, Slice
from headrace.examples import Examples, read_examples
from headrace.gate import verdict_of
from headrace.metrics import metrics_of
from headrace.profile import read_profile
from headrace.settings import Gate, settings_of
from headrace.uncertainty import gain_of
from headrace.validation.trials import FAILURE_FILE, failure_in

SLICES_KEPT = 100  # values of one column


def evaluate(gate: Gate, champion_package: str = "", *, with_report: bool = True) -> None:
    """Score the test examples with model and champion, judge, and write verdict and report.

    `champion_package` is the ARN of the champion's model package, to be named where it cannot be compared.
    """
    test = read_examples(container.processing_input("test"))
    profile = read_profile(container.processing_input("profile"))
    model = load_artefact(unpacked(container.processing_input("model")))
    score = model.predict(test)
    champion_score, champion_note = _champion_scores(
        container.processing_input("champion"), champion_package, model, test
    )
    label = test.label
    metrics = metrics_of(label, score)
    always = np.full(label.size, profile.share_before_test)
    constant = metrics_of(label, always)
    gain = gain_of(label, score, always)
    champion = None if champion_score is None else metrics_of(label, champion_score)
    slices = slices_of(test, score)
    evaluation = Evaluation(
        model=model.facts,
        tested_from=test.first,
        tested_until=test.last,
        metrics=metrics,
        constant=constant,
        gain=gain,
        champion=champion,
        champion_note=champion_note,
        slices=slices,
        verdict=verdict_of(
            gate,
            metrics,
            gain,
            champion,
            slices,
            incomparable=champion_note if container.processing_input("champion").exists() else "",
        ),
    )
    if with_report:
        # Its drawing library takes long to import, and one trial of many draws nothing.
        from headrace.report.evaluation import evaluation_report  # noqa: PLC0415

        report = evaluation_report(
            evaluation,
            profile,
            label=label,
            score=score,
            champion_score=champion_score,
            importance=model.fitted.importance(),
            title=f"Evaluation of {model.facts.package}",
        )
        (container.processing_output("report") / "report.html").write_text(report, encoding="utf-8")
    print(evaluation.verdict.summary)  # noqa: T201 - the job's log
    folder = container.processing_output("evaluation")
    slices_file = {"slices": [part.model_dump() for part in slices]}
    (folder / "slices.json").write_text(strict_json.dumps(slices_file, indent=2), encoding="utf-8")
    # The state machine reads this one whole, and its states hold 256 KiB at most.
    (folder / "evaluation.json").write_text(
        evaluation.model_dump_json(indent=2, exclude={"slices"}), encoding="utf-8"
    )


def slices_of(test: Examples, score: Scores) -> tuple[Slice, ...]:
    """Return the metrics of each value of each slice column, by column and value; a null is its own value.

    Of a column with more than 100 values the most frequent are kept.
    """
    label = test.label
    return tuple(
        Slice(
            column=column.name,
            value="missing" if value is None else str(value),
            metrics=metrics_of(label[rows], score[rows]),
        )
        for column in test.slices
        for value, rows in _rows_by_value(column)
    )


def _rows_by_value(column: pl.Series) -> list[tuple[object, list[int]]]:
    groups = pl.DataFrame({"value": column, "row": np.arange(len(column))}).group_by("value").agg("row")
    kept = groups.sort(pl.col("row").list.len(), descending=True).head(SLICES_KEPT).sort("value")
    return list(zip(kept["value"].to_list(), kept["row"].to_list(), strict=True))


def _champion_scores(
    folder: Path, package: str, model: Artefact, test: Examples
) -> tuple[Scores | None, str]:
    """Return the champion's scores, or None and why there are none.

    Only a fair comparison is one.
    """
    if not folder.exists():
        return None, "there is no approved model yet"
    if (folder / FAILURE_FILE).exists():
        return None, _unreadable(package, f"{failure_in(folder)}; {NEEDED}")
    try:
        champion = load_artefact(unpacked(folder))
        changed = [
            name for name, expression in champion.features.items() if model.features.get(name) != expression
        ]
        if changed:
            return None, f"the approved model has features that are no longer made so: {', '.join(changed)}"
        known_until = champion.profile.splits["validation"].last
        if known_until >= test.first:
            return (
                None,
                f"the approved model has learnt from rows up to {known_until}, and the test begins before",
            )
        return champion.predict(test), ""
    except Exception as error:  # noqa: BLE001 - a faulty champion must not stop its successor
        return None, _unreadable(package, container.named(str(error)))


def _unreadable(package: str, reason: str) -> str:
    return f"the approved model{f' {package}' if package else ''} cannot be loaded: {reason}"


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("evaluate", __doc__)
    parser.add_argument("--gate", default="{}", help="what the model must reach, as JSON")
    parser.add_argument("--champion", default="", help="ARN of the champion's model package, to be named")
    parser.add_argument("--no-report", action="store_true", help="write no report, as for one trial of many")
    given = parser.parse_args(arguments)
    return container.run(
        lambda: evaluate(
            settings_of(Gate, given.gate, "--gate"), given.champion, with_report=not given.no_report
        ),
        "message",
    )


if __name__ == "__main__":
    sys.exit(main())
