"""The layers of a drawing from top to bottom, after Sugiyama: no loops, a layer for each node, few crossings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_SWEEPS = 12  # more change nothing in graphs of this size


@dataclass(frozen=True)
class Chain:
    """An edge as it runs through the layers, always downwards; `is_back` if the edge itself goes upwards.

    Between its ends stand bends, one in each layer that it passes, with keys of their own.
    """

    edge: int  # its place among the edges
    keys: tuple[str, ...]
    is_back: bool
    is_aside: bool = False  # an edge that decides less than others what stands where


@dataclass(frozen=True)
class Layers:
    """Keys of nodes and bends, layer by layer, from left to right; and how the edges run through them."""

    rows: list[list[str]]
    chains: list[Chain]
    spine: list[str] = field(default_factory=list)  # the longest way from the top: the main line

    @property
    def bends(self) -> frozenset[str]:
        """Keys of all bends."""
        return frozenset(key for chain in self.chains for key in chain.keys[1:-1])


def layers(keys: Sequence[str], edges: Sequence[tuple[str, str]], aside: Collection[int] = ()) -> Layers:
    """Return the layers of a graph; the earlier of `keys` stand above, and left, where the edges leave it open.

    The edges `aside`, by their places, are no part of the main line.
    """
    ways = [(number, edge) for number, edge in enumerate(edges) if edge[0] != edge[1]]
    back = _back_edges(keys, dict(ways))
    downward = {number: (edge[::-1] if number in back else edge) for number, edge in ways}
    depth = _depths(keys, list(downward.values()))
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key in keys:
        rows[depth[key]].append(key)
    chains = []
    for number, (upper, lower) in downward.items():
        bends = [f"edge {number} in layer {layer}" for layer in range(depth[upper] + 1, depth[lower])]
        for layer, bend in enumerate(bends, start=depth[upper] + 1):
            rows[layer].append(bend)
        chains.append(Chain(number, (upper, *bends, lower), number in back, number in aside))
    return Layers(
        _ordered(rows, chains),
        chains,
        _spine(depth, [downward[n] for n in downward if n not in back and n not in aside]),
    )


def _back_edges(keys: Sequence[str], edges: Mapping[int, tuple[str, str]]) -> set[int]:
    """Return the edges that close a loop, found by a walk from the first key on."""
    leaving: dict[str, list[tuple[int, str]]] = {key: [] for key in keys}
    for number, (source, target) in edges.items():
        leaving[source].append((number, target))
    found: set[int] = set()
    done: set[str] = set()
    for key in keys:
        if key in done:
            continue
        path, walks = [key], [iter(leaving[key])]
        while walks:
            step = next(walks[-1], None)
            if step is None:
                walks.pop()
                done.add(path.pop())
                continue
            number, target = step
            if target in path:
                found.add(number)
            elif target not in done:
                path.append(target)
                walks.append(iter(leaving[target]))
    return found


def _depths(keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return each node's layer: below all that lead to it; one to which nothing leads is right above its next."""
    depth = dict.fromkeys(keys, 0)
    for _ in keys:  # as often as the longest way has edges
        for source, target in edges:
            depth[target] = max(depth[target], depth[source] + 1)
    entered = {target for _, target in edges}
    for key in keys:
        below = [depth[target] for source, target in edges if source == key]
        if key not in entered and below:
            depth[key] = min(below) - 1
    return depth


def _spine(depth: Mapping[str, int], edges: Sequence[tuple[str, str]]) -> list[str]:
    """Return the longest way from the first key; of equal ones that whose states are written first."""
    order = {key: place for place, key in enumerate(depth)}
    length: dict[str, int] = {}
    following: dict[str, str] = {}
    for key in sorted(depth, key=lambda key: -depth[key]):
        targets = [target for source, target in edges if source == key]
        length[key] = 1 + max((length[target] for target in targets), default=0)
        if targets:
            following[key] = min(targets, key=lambda target: (-length[target], order[target]))
    spine = list(depth)[:1]
    while spine and spine[-1] in following:
        spine.append(following[spine[-1]])
    return spine


def _ordered(rows: list[list[str]], chains: Sequence[Chain]) -> list[list[str]]:
    """Return the layers with their members moved so that few edges cross."""
    above: dict[str, list[str]] = {key: [] for row in rows for key in row}
    below: dict[str, list[str]] = {key: [] for row in rows for key in row}
    for chain in chains:
        for upper, lower in pairwise(chain.keys):
            below[upper].append(lower)
            above[lower].append(upper)
    best, fewest = [list(row) for row in rows], crossings(rows, below)
    current = [list(row) for row in rows]
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for place in range(1, len(current)) if down else range(len(current) - 2, -1, -1):
            fixed = {key: x for x, key in enumerate(current[place - 1 if down else place + 1])}
            neighbours = above if down else below
            old = {key: float(x) for x, key in enumerate(current[place])}
            wanted = {key: _mean([fixed[n] for n in neighbours[key]], old[key]) for key in old}
            current[place].sort(key=wanted.__getitem__)
        found = crossings(current, below)
        if found < fewest:
            best, fewest = [list(row) for row in current], found
    return best


def crossings(rows: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]]) -> int:
    """Return how many pairs of edges cross between the layers."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {key: x for x, key in enumerate(lower)}
        ends = [(x, place[target]) for x, key in enumerate(upper) for target in below[key]]
        total += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[:i])
    return total


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
