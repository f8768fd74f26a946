"""Distributions of one feature, small enough for a table's cell: inline SVG, drawn without a chart library."""

from itertools import pairwise

from markupsafe import Markup

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


def _bars(bars: list[tuple[float, float, float]]) -> Markup:
    """Return bars of (left, width, height as a share of the drawing)."""
    rectangles = Markup().join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(
            round(left, 1), round(HEIGHT * (1 - height), 1), round(width, 1), round(HEIGHT * height, 1)
        )
        for left, width, height in bars
    )
    return Markup(
        '<svg class="sketch" viewBox="0 0 {} {}" width="{}" height="{}" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(WIDTH, HEIGHT, WIDTH, HEIGHT, rectangles)
