"""Folds: how labelled rows become the parts of a cross-validation."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from headrace.errors import ConfigurationError, DataError
from headrace.examples import Examples
from headrace.settings import Folds
from headrace.validation.parts import Part, known_rows, timestamp_start, without_newest

Mask = NDArray[np.bool_]  # which rows, shape (rows,)


def parts_by_folds(examples: Examples, folds: Folds) -> Iterator[Part]:
    """Yield a part for each fold of labelled examples in order of time; the holdout, the newest rows, is in none.

    Rows keep their order. By time, rows whose label is not known yet at a test's first row do not train. Raises `DataError` when there are fewer timestamps or groups than the folds need, and
    `ConfigurationError` for a group column that the examples do not have.
    """
    frame, _ = without_newest(examples.frame, folds.held_out)
    if folds.method == "time":
        return _by_time(frame, folds)
    if folds.method == "stratified":
        return _stratified(frame, folds)
    return _grouped(frame, folds, _groups(frame, str(folds.group)))


def _by_time(frame: pl.DataFrame, folds: Folds) -> Iterator[Part]:
    """Cut into blocks of equal rows, one more than folds: a fold tests on a block and trains on all before it."""
    blocks = folds.folds + 1
    edges = [timestamp_start(frame, round(len(frame) * block / blocks)) for block in range(blocks)] + [
        len(frame)
    ]
    if any(start >= end for start, end in pairwise(edges)):
        raise DataError(
            f"{len(frame):,} labelled rows at {frame['time'].n_unique():,} timestamps are too few for "
            f"{folds.folds} folds by time; take fewer folds, or give more data"
        )
    for fold in range(1, blocks):
        test = frame[edges[fold] : edges[fold + 1]]
        known = known_rows(frame, test["time"][0], folds.label_delay_days)
        if not known:
            raise DataError(
                f"fold-{fold} has no row whose label is known, {folds.label_delay_days:g} days later, by its first "
                f"test row ({Examples(test).first}); take fewer folds, or give more data"
            )
        train, validation = without_newest(frame[:known], folds.validation)
        yield Part(f"fold-{fold}", Examples(train), Examples(validation), Examples(test))


def _stratified(frame: pl.DataFrame, folds: Folds) -> Iterator[Part]:
    """Deal the shuffled rows of each class over the folds in turn, so that each has its share of positives."""
    random = np.random.default_rng(folds.seed)
    label = frame["label"].to_numpy()
    order = np.concatenate([random.permutation(np.flatnonzero(label == value)) for value in (1, 0)])
    fold_of = np.empty(len(frame), dtype=np.int64)
    fold_of[order] = np.arange(len(frame)) % folds.folds
    for fold in range(folds.folds):
        # Evenly apart in this order, positives first, each class has its share in what is taken.
        rest = order[fold_of[order] != fold]
        validation = np.zeros(len(frame), dtype=np.bool_)
        validation[rest[_spread(len(rest), folds.validation)]] = True
        yield _part(fold, frame, fold_of == fold, validation)


def _spread(count: int, share: float) -> NDArray[np.int64]:
    """Return that share of the places 0 to count - 1, evenly apart."""
    chosen = round(count * share)
    return (np.arange(chosen) * count) // max(chosen, 1)


def _groups(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return each row's group."""
    places = [frame[place] for place in ("entity", "slice") if place in frame.columns]
    for rows in places:
        if column in rows.struct.fields:
            return rows.struct.field(column)
    known = dict.fromkeys(name for rows in places for name in rows.struct.fields)
    raise ConfigurationError(
        f"there is no column {column!r} to group folds by; the model's entity and slice columns are: "
        f"{', '.join(known)}"
    )


def _grouped(frame: pl.DataFrame, folds: Folds, groups: pl.Series) -> Iterator[Part]:
    """Give each group, the largest first, to the fold with the fewest rows so far; equal ones in random order."""
    random = np.random.default_rng(folds.seed)
    names, group_of, sizes = np.unique(
        groups.rank("dense").fill_null(0).to_numpy(), return_inverse=True, return_counts=True
    )
    if len(names) <= folds.folds:
        raise DataError(
            f"{folds.group!r} has {len(names)} values in {len(frame):,} rows, too few for {folds.folds} grouped "
            f"folds, which need one more than folds; take fewer folds"
        )
    shuffled = random.permutation(len(names))
    fold_of, rows = np.empty(len(names), dtype=np.int64), np.zeros(folds.folds, dtype=np.int64)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of[group] = rows.argmin()
        rows[fold_of[group]] += sizes[group]
    for fold in range(folds.folds):
        rest = [group for group in shuffled if fold_of[group] != fold]
        if len(rest) == 1:
            raise DataError(
                f"fold-{fold + 1} leaves one value of {folds.group!r}, to train on and to stop by; take more folds"
            )
        stopping = _share_of_groups(rest, sizes, folds.validation)
        yield _part(fold, frame, fold_of[group_of] == fold, np.isin(group_of, stopping))


def _share_of_groups(groups: list[int], sizes: NDArray[np.int64], share: float) -> list[int]:
    """Return groups that together have at most that share of the rows; the smallest when each has more."""
    wanted = share * int(sizes[groups].sum())
    chosen: list[int] = []
    for group in groups:
        if sizes[[*chosen, group]].sum() <= wanted:
            chosen.append(group)
    return chosen or [min(groups, key=lambda group: int(sizes[group]))]


def _part(fold: int, frame: pl.DataFrame, test: Mask, validation: Mask) -> Part:
    def rows(mask: Mask) -> Examples:
        return Examples(frame.filter(pl.Series(mask)))

    return Part(f"fold-{fold + 1}", rows(~test & ~validation), rows(validation), rows(test))
