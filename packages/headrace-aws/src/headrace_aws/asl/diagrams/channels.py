"""How edges run from layer to layer: straight down, along a track of their own between the layers, and down again.

What leaves a node by one side shares a port, and a track, as what comes together at a node does: a fork looks like
a fork, and a merge like a merge.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

PORTS_APART = 26.0  # pixels between two ports of a node's side
_NEAR = 10.0  # lines that stand nearer than this would be taken for one
_STRAIGHT = 3.0  # an edge that moves less than this goes straight

Style = Literal["next", "catch", "back"]


@dataclass(frozen=True)
class Segment:
    """The part of an edge that lies between two layers."""

    edge: int
    upper: str
    lower: str
    style: Style
    label_width: float  # in pixels; 0 where no label stands
    begins: bool  # its upper end is a node and not a bend
    ends: bool  # its lower end is one


Port = tuple[str, str]  # a node, and which of its ports


def ports(segments: Sequence[Segment], x: Mapping[str, float]) -> dict[tuple[int, bool], tuple[Port, float]]:
    """Return port and place of both ends of each segment: by its position, and whether the upper end is meant."""
    found: dict[tuple[int, bool], tuple[Port, float]] = {}
    sides: dict[tuple[str, bool], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, segment in enumerate(segments):
        sides[segment.upper, True][_port(segment, is_upper=True)].append(number)
        sides[segment.lower, False][_port(segment, is_upper=False)].append(number)
    for (node, is_upper), groups in sides.items():
        others = {
            name: sum(x[segments[n].lower if is_upper else segments[n].upper] for n in members) / len(members)
            for name, members in groups.items()
        }
        labels = {name: max(segments[n].label_width for n in members) for name, members in groups.items()}
        for name, place in _places(others, {} if is_upper else labels, x[node]).items():
            for number in groups[name]:
                found[number, is_upper] = ((node, f"{name} {'below' if is_upper else 'above'}"), place)
    return found


def _port(segment: Segment, *, is_upper: bool) -> str:
    """Return the port's name: what goes the same way in the same style shares one, but labels stand alone."""
    if not (segment.begins if is_upper else segment.ends):
        return "bend"
    if segment.style == "back":
        return "back"
    if not is_upper and segment.label_width and segment.begins:
        return f"edge {segment.edge}"
    return segment.style


def _places(others: Mapping[str, float], labels: Mapping[str, float], middle: float) -> dict[str, float]:
    """Return the place of each port of a side: the main one in the middle, the others beside it, in their order."""
    ordered = sorted(others, key=lambda name: (others[name], name))
    main = min(ordered, key=lambda name: (name != "next", abs(others[name] - middle), name))
    places = {ordered[0]: 0.0}
    for left, right in pairwise(ordered):
        room = (labels.get(left, 0.0) + labels.get(right, 0.0)) / 2 + _NEAR
        places[right] = places[left] + max(PORTS_APART, room)
    return {name: middle + place - places[main] for name, place in places.items()}


@dataclass(frozen=True)
class Net:
    """Segments that share a track: where they come from above, and where they go below, in pixels."""

    members: tuple[int, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]

    @property
    def left(self) -> float:
        """Where its track begins."""
        return min(*self.above, *self.below)

    @property
    def right(self) -> float:
        """Where its track ends."""
        return max(*self.above, *self.below)


def nets(numbers: Iterable[int], ends: Mapping[tuple[int, bool], tuple[Port, float]]) -> list[Net]:
    """Return the segments of one channel in nets: those that fork from one port, and those that meet in one."""
    numbers = list(numbers)
    leaving: dict[Port, list[int]] = defaultdict(list)
    meeting: dict[Port, list[int]] = defaultdict(list)
    for number in numbers:
        leaving[ends[number, True][0]].append(number)
    for number in numbers:
        if len(leaving[ends[number, True][0]]) == 1:
            meeting[ends[number, False][0]].append(number)
    groups = [members for members in leaving.values() if len(members) > 1] + list(meeting.values())
    return [
        Net(
            tuple(members),
            tuple(ends[number, True][1] for number in members),
            tuple(ends[number, False][1] for number in members),
        )
        for members in sorted(groups)
    ]


def is_straight(net: Net) -> bool:
    """Tell whether a net needs no track."""
    return net.right - net.left < _STRAIGHT


def tracks(found: Sequence[Net]) -> dict[int, int]:
    """Return the track of each net (by its place) that needs one, counted from above.

    Two nets on one track stand apart. A net that leaves a place from above lies over one that reaches the same
    place below, so that their lines do not run into each other.
    """
    crooked = [place for place, net in enumerate(found) if not is_straight(net)]
    over: dict[int, set[int]] = {place: set() for place in crooked}
    for upper in crooked:
        for lower in crooked:
            if (
                upper != lower
                and _runs_into(found[upper], found[lower])
                and upper not in _all_over(over, upper, lower)
            ):
                over[lower].add(upper)
    chosen: dict[int, int] = {}
    while len(chosen) < len(crooked):
        ready = [place for place in crooked if place not in chosen and over[place] <= chosen.keys()]
        place = min(ready, key=lambda each: (found[each].left, each))
        track = max((chosen[each] + 1 for each in over[place]), default=0)
        while any(taken == track and not _apart(found[each], found[place]) for each, taken in chosen.items()):
            track += 1
        chosen[place] = track
    return chosen


def _all_over(over: Mapping[int, set[int]], upper: int, lower: int) -> set[int]:
    """Return `upper` itself if it must already lie under `lower`, as the two wishes exclude each other."""
    open_ends, seen = [upper], set[int]()
    while open_ends:
        place = open_ends.pop()
        if place == lower:
            return {upper}
        new = over[place] - seen
        seen |= new
        open_ends += new
    return set()


def _runs_into(upper: Net, lower: Net) -> bool:
    return any(abs(a - b) < _NEAR for a in upper.above for b in lower.below)


def _apart(one: Net, other: Net) -> bool:
    return one.right + _NEAR < other.left or other.right + _NEAR < one.left
