"""Distributions of one feature, small enough for a table's cell: inline SVG, drawn without a chart library."""

from itertools import pairwise

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from headrace.drift.comparison import Comparison
from headrace.profile import CategoryProfile, NumberProfile

WIDTH = 160
HEIGHT = 28
BARS = 12


def sketch(profile: NumberProfile | CategoryProfile) -> Markup:
    """Return the distribution as bars; empty when the feature has no value."""
    return number_sketch(profile) if isinstance(profile, NumberProfile) else category_sketch(profile)


def number_sketch(profile: NumberProfile) -> Markup:
    """Return a histogram whose bars are as wide as the bins and whose areas are the shares."""
    if not profile.shares:
        return Markup()
    if len(profile.edges) == 1:  # a constant
        return _bars([(WIDTH / 2 - 2, 4.0, 1.0)])
    low, high = profile.edges[0], profile.edges[-1]
    lefts = [WIDTH * (edge - low) / (high - low) for edge in profile.edges]
    widths = [max(right - left, 1.0) for left, right in pairwise(lefts)]
    densities = [share / width for share, width in zip(profile.shares, widths, strict=True)]
    highest = max(densities)
    return _bars(
        [
            (left, width, density / highest)
            for left, width, density in zip(lefts, widths, densities, strict=False)
        ]
    )


def category_sketch(profile: CategoryProfile) -> Markup:
    """Return one bar for each of the most frequent values."""
    shares = list(profile.shares.values())[:BARS]
    if not shares:
        return Markup()
    step = WIDTH / BARS
    return _bars([(step * index, step - 2, share / shares[0]) for index, share in enumerate(shares)])


def compared(comparison: Comparison) -> Markup:
    """Return the shares of training and batch in each bin: wide bars behind narrow ones, on one scale."""
    shares = np.stack([counts / counts.sum() for counts in (comparison.training, comparison.batch)])
    if comparison.kind == "category":
        shares = _most_frequent(shares)
    used = shares.max(axis=0) > 0
    used[-1] = True
    shares = shares[:, used]
    step = WIDTH / shares.shape[1]
    # Missing values, the last bin, stand apart.
    lefts = [
        step * index + (step * 0.3 if index == shares.shape[1] - 1 else 0) for index in range(shares.shape[1])
    ]
    heights = shares / (shares.max() or 1.0)
    return _drawing(
        _rectangles(
            [(left, step * 0.7, height) for left, height in zip(lefts, heights[0], strict=True)], "then"
        ),
        _rectangles(
            [(left + step * 0.2, step * 0.3, height) for left, height in zip(lefts, heights[1], strict=True)],
            "now",
        ),
    )


def _most_frequent(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shares, of shape (2, bins), of the most frequent values, of the unseen and of the missing ones.

    All the others together would often be a bar that dwarfs the rest.
    """
    values = shares[:, :-3]
    kept = np.sort(np.argsort(-values.max(axis=0), kind="stable")[:BARS])
    return np.concatenate([values[:, kept], shares[:, -2:]], axis=1)


def _bars(bars: list[tuple[float, float, float]]) -> Markup:
    """Return a drawing of bars of (left, width, height as a share of the drawing)."""
    return _drawing(_rectangles(bars))


def _rectangles(bars: list[tuple[float, float, float]], name: str = "") -> Markup:
    opening = Markup('<rect class="{}"').format(name) if name else Markup("<rect")
    return Markup().join(
        opening
        + Markup(' x="{}" y="{}" width="{}" height="{}"/>').format(
            round(left, 1), round(HEIGHT * (1 - height), 1), round(width, 1), round(HEIGHT * height, 1)
        )
        for left, width, height in bars
    )


def _drawing(*content: Markup) -> Markup:
    return Markup(
        '<svg class="sketch" viewBox="0 0 {} {}" width="{}" height="{}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(WIDTH, HEIGHT, WIDTH, HEIGHT, Markup().join(content))
