"""The model of this branch beside the champion."""

from collections.abc import Iterator, Mapping
from typing import get_args

from headrace.evaluation import LOWER_IS_BETTER
from headrace.settings import Metric
from headrace_aws import formatting
from headrace_aws.config.environment import LOCAL
from headrace_aws.markdown import code, plain, table
from headrace_aws.plan.metrics import ChampionComparison


def model_section(
    comparisons: Mapping[str, ChampionComparison | None], environment: str, commit: str
) -> list[str]:
    """Return the section, for each model a table or the sentence that says how to get one."""
    lines = ["### Model", ""]
    for model, comparison in comparisons.items():
        title = [f"**{plain(model)}**", ""] if len(comparisons) > 1 else []
        lines += [
            *title,
            *(_lines(comparison) if comparison else [_missing(environment, commit)]),
            "",
        ]
    return lines


def _missing(environment: str, commit: str) -> str:
    if environment == LOCAL:
        return "No training has run on the local AWS yet: `make run` trains the model of this branch."
    return (
        f"No training of commit {code(commit[:12])} has run in {plain(environment)}: label the pull request "
        f"`preview` to train this branch there."
    )


def _lines(comparison: ChampionComparison) -> Iterator[str]:
    run = comparison.run
    summary = run.summary or run.verdict.get("summary", "")
    yield f"{code(run.name)} of {formatting.moment(run.started_at)} UTC, commit {code(run.commit[:12] or 'unknown')}: {plain(run.status)}. {plain(summary)}".rstrip()
    yield ""
    names = [name for name in comparison.metrics if name in {*get_args(Metric), "rows"}]
    yield from table(
        ["metric", "this branch:", "champion:", "difference:", ""],
        [_row(name, comparison.metrics.get(name), comparison.champion.get(name)) for name in names],
    )
    if comparison.note:
        yield ""
        yield f"Champion: {plain(comparison.note)}."


def _row(name: str, ours: float | None, champion: float | None) -> list[str]:
    cells = [plain(name), formatting.figure(ours), formatting.figure(champion)]
    if ours is None or champion is None or name not in get_args(Metric):
        return [*cells, "", ""]
    difference = ours - champion
    if not difference:
        return [*cells, "0", "the same"]
    is_better = (difference < 0) == (name in LOWER_IS_BETTER)
    return [*cells, formatting.difference(difference), "better" if is_better else "worse"]
