"""Where things stand from left to right: near what they are connected to, in their order, and never over another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf

from headrace_aws.asl.diagrams.layers import Layers

GAP = 24.0  # pixels between two nodes of a layer
BEND_WIDTH = 14.0
_ROUNDS = 120
_STRAIGHTENINGS = 3  # one line that moves may make room for the next
_ON_SPINE = 1e6  # how strongly the main line holds its place, against 1 for other nodes
_STRAIGHT = 4.0  # how strongly a bend pulls: long edges are straight


def columns(found: Layers, widths: Mapping[str, float]) -> dict[str, float]:
    """Return the middle of each node and bend, in pixels; the main line stands at 0."""
    spine = set(found.spine)
    pulls: dict[str, list[tuple[str, float]]] = {key: [] for row in found.rows for key in row}
    for chain in found.chains:
        bends = chain.keys[1:-1]
        for upper, lower in pairwise(chain.keys):
            weight = _STRAIGHT if upper in bends or lower in bends else 1.0
            # A long edge to or from the main line runs beside it, straight under or over its other end.
            if not (upper in bends and lower in spine):
                pulls[upper].append((lower, weight))
            if not (lower in bends and upper in spine):
                pulls[lower].append((upper, weight))
    x = dict.fromkeys(pulls, 0.0)
    for number in range(_ROUNDS):
        for row in found.rows if number % 2 == 0 else reversed(found.rows):
            wanted = [0.0 if key in spine else _pulled(pulls[key], x, x[key]) for key in row]
            weights = [
                _ON_SPINE if key in spine else sum(weight for _, weight in pulls[key]) or 1.0 for key in row
            ]
            half = [widths.get(key, BEND_WIDTH) / 2 for key in row]
            apart = [left + right + GAP for left, right in pairwise(half)]
            x.update(zip(row, spread(wanted, weights, apart), strict=True))
    for _ in range(_STRAIGHTENINGS):
        for line in _straight_lines(found):
            if not spine.intersection(line):
                _straighten(line, found.rows, x, widths)
    return x


def _straight_lines(found: Layers) -> list[list[str]]:
    """Return what should stand in one column: nodes and bends with one way from each to the next."""
    links = [
        pair
        for chain in found.chains
        for pair in pairwise(chain.keys)
        if not chain.is_aside and not (chain.is_back and not found.bends.issuperset(pair))
    ]
    above, below = Counter(lower for _, lower in links), Counter(upper for upper, _ in links)
    following = {upper: lower for upper, lower in links if below[upper] == above[lower] == 1}
    lines = []
    for key in following.keys() - set(following.values()):
        line = [key]
        while line[-1] in following:
            line.append(following[line[-1]])
        lines.append(line)
    return sorted(lines, key=lambda line: (-len(line), line))


def _straighten(
    line: Sequence[str], rows: Sequence[Sequence[str]], x: dict[str, float], widths: Mapping[str, float]
) -> None:
    """Put a line into one column, if all of it has room there beside what stands in its layers."""
    low, high = -inf, inf
    row_of = {key: row for row in rows for key in row if key in line}
    for key, row in row_of.items():
        place = row.index(key)
        half = widths.get(key, BEND_WIDTH) / 2
        for other in row[max(place - 1, 0) : place]:
            low = max(low, x[other] + widths.get(other, BEND_WIDTH) / 2 + GAP + half)
        for other in row[place + 1 : place + 2]:
            high = min(high, x[other] - widths.get(other, BEND_WIDTH) / 2 - GAP - half)
    if low <= high:
        middle = sum(x[key] for key in line) / len(line)
        x.update(dict.fromkeys(line, min(max(middle, low), high)))


def spread(wanted: Sequence[float], weights: Sequence[float], apart: Sequence[float]) -> list[float]:
    """Return places as near as can be to the wanted ones, each at least `apart` from the one before.

    The weighted least squares, by pooling neighbours that would come too near (isotonic regression).
    """
    offsets = [sum(apart[:place]) for place in range(len(wanted))]
    pools: list[tuple[float, float, int]] = []  # mean, weight, members
    for place, weight, offset in zip(wanted, weights, offsets, strict=True):
        pool = (place - offset, weight, 1)
        while pools and pools[-1][0] >= pool[0]:
            mean, heavy, members = pools.pop()
            both = heavy + pool[1]
            pool = ((mean * heavy + pool[0] * pool[1]) / both, both, members + pool[2])
        pools.append(pool)
    means = [mean for mean, _, members in pools for _ in range(members)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _pulled(pulls: Sequence[tuple[str, float]], x: Mapping[str, float], otherwise: float) -> float:
    total = sum(weight for _, weight in pulls)
    return sum(x[key] * weight for key, weight in pulls) / total if total else otherwise
