"""Job `split`: raw tables -> the parts of a cross-validation or a backtest, and the trials to run on them.

Input `raw`; outputs `parts`, one folder a part with `train`, `validation`, `test` (Parquet) and `profile`
(profile.json), and `trials` (trials.json).
"""

import sys
from collections.abc import Iterator

from headrace import container
from headrace.examples import Examples
from headrace.model import Model, load_model
from headrace.prepare import Prepared, examples_in, profile_of
from headrace.settings import Cutoffs, Folds, Search, Settings, settings_of
from headrace.validation.candidates import candidates_of
from headrace.validation.cutoffs import cutoffs_in, parts_by_cutoffs
from headrace.validation.folds import parts_by_folds
from headrace.validation.parts import Part, PartFacts, facts_of
from headrace.validation.trials import MOST_TRIALS, Trials, TrialSettings, trials_of, write_trials


def split_by_folds(package: str, folds: Folds, search: Search) -> None:
    """Write the parts of a cross-validation, and every candidate on each as a trial."""
    model = load_model(package)
    # First what needs no data: a search that cannot be is reported at once.
    candidates = candidates_of(model, search, MOST_TRIALS // folds.folds)
    prepared = examples_in(container.processing_input("raw"), model)
    parts = _written(parts_by_folds(_labelled(prepared), folds), model, prepared)
    trials = Trials(
        package=package,
        trials=trials_of([part.part for part in parts], candidates, searched=bool(search.grid)),
        parts=parts,
        candidates=candidates,
        settings=TrialSettings(folds=folds, search=search),
        data_fingerprint=prepared.data_fingerprint,
    )
    write_trials(trials, container.processing_output("trials"))


def split_by_cutoffs(package: str, cutoffs: Cutoffs) -> None:
    """Write the parts of a backtest, each of them one trial of the model as it is."""
    model = load_model(package)
    prepared = examples_in(container.processing_input("raw"), model)
    labelled = _labelled(prepared)
    timestamps = cutoffs_in(labelled, cutoffs)
    candidates = candidates_of(model, Search(), 1)
    parts = _written(parts_by_cutoffs(labelled, timestamps, cutoffs), model, prepared)
    trials = Trials(
        package=package,
        trials=trials_of([part.part for part in parts], candidates, searched=False),
        parts=parts,
        candidates=candidates,
        settings=TrialSettings(cutoffs=cutoffs),
        data_fingerprint=prepared.data_fingerprint,
    )
    write_trials(trials, container.processing_output("trials"))


def _labelled(prepared: Prepared) -> Examples:
    return Examples(prepared.examples.frame.drop_nulls("label"))


def _written(parts: Iterator[Part], model: Model[Settings], prepared: Prepared) -> tuple[PartFacts, ...]:
    """Write each part as it comes, and return what they hold: only one is in memory at a time."""
    return tuple(_written_part(part, model, prepared) for part in parts)


def _written_part(part: Part, model: Model[Settings], prepared: Prepared) -> PartFacts:
    facts = facts_of(part)
    profile = profile_of(
        model,
        part.splits,
        data_fingerprint=prepared.data_fingerprint,
        raw_rows=prepared.raw_rows,
        unlabelled_rows=prepared.examples.frame["label"].null_count(),
    )
    folder = container.processing_output("parts") / part.name
    for name, split in part.splits.items():
        split.write(folder / name)
    (folder / "profile").mkdir(exist_ok=True)
    (folder / "profile" / "profile.json").write_text(profile.model_dump_json(indent=2), encoding="utf-8")
    print(  # noqa: T201 - the job's log
        f"{part.name}: trains on {facts.rows['train']:,} rows from {facts.train_first} to {facts.train_last}, "
        f"tests on {facts.rows['test']:,} from {facts.test_first} to {facts.test_last}"
    )
    return facts


def main(arguments: list[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = container.Parser("split", __doc__)
    parser.add_argument("--model", required=True, help="the model's package under src/")
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument(
        "--folds",
        help="the folds of a cross-validation, as JSON; without a holdout, the default of split.test is held out",
    )
    kind.add_argument("--cutoffs", help="the cut-offs of a backtest, as JSON")
    parser.add_argument("--search", help="the hyperparameters that a cross-validation tries, as JSON")
    given = parser.parse_args(arguments)
    if given.cutoffs and given.search:
        parser.error("a backtest searches no hyperparameters: give --search with --folds")

    def job() -> None:
        if given.cutoffs:
            split_by_cutoffs(given.model, settings_of(Cutoffs, given.cutoffs, "--cutoffs"))
        else:
            search = settings_of(Search, given.search or "{}", "--search")
            split_by_folds(given.model, settings_of(Folds, given.folds, "--folds"), search)

    return container.run(job, "message")


if __name__ == "__main__":
    sys.exit(main())
