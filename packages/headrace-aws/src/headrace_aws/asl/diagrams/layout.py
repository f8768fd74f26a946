"""A layered drawing of boxes and arrows: places of the boxes, points of the lines. It knows nothing of states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from headrace_aws.asl.diagrams.channels import Port, Segment, Style, is_straight, nets, ports, tracks
from headrace_aws.asl.diagrams.columns import BEND_WIDTH, GAP, columns
from headrace_aws.asl.diagrams.layers import Layers, layers

_MARGIN = 13.0  # pixels between a layer and the first track, and for the arrow's head after the last
_TRACK = 12.0  # between two tracks
_CLEAR = 6.0  # around labels, and above arrow heads
_LINE = 14.0  # of a label's text
_LOOP = 22.0  # how far an edge from a node to itself goes out

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node's size in pixels."""

    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """An edge between two boxes; a label has so many `lines` and is so wide."""

    source: str
    target: str
    is_catch: bool = False
    label_width: float = 0.0
    label_lines: int = 0


@dataclass(frozen=True)
class Layout:
    """Top left corners of the boxes; of each edge its points from source to target and the middle of its label."""

    corners: Mapping[str, Point]
    paths: Sequence[Sequence[Point]]
    labels: Sequence[Point | None]
    width: float
    height: float


def layout(boxes: Mapping[str, Box], lines: Sequence[Line]) -> Layout:
    """Return where everything stands; the order of the boxes decides what the lines leave open."""
    found = layers(
        list(boxes),
        [(line.source, line.target) for line in lines],
        {number for number, line in enumerate(lines) if line.is_catch},
    )
    widths = _widths(found, boxes, lines)
    segments = _segments(found, boxes, lines)
    parts = [segment for _, segment in segments]
    x = _aligned(found, parts, columns(found, widths), widths)
    ends = ports(parts, x)
    levels = _levels(found, boxes, lines, segments, ends)
    corners = {
        key: (x[key] - boxes[key].width / 2, levels.tops[place] + (height - boxes[key].height) / 2)
        for place, (row, height) in enumerate(zip(found.rows, levels.heights, strict=True))
        for key in row
        if key in boxes
    }
    paths: list[list[Point]] = [[] for _ in lines]
    labels: list[Point | None] = [None] * len(lines)
    for number, (layer, segment) in enumerate(segments):
        above = _on_side(ends[number, True][1], segment.upper, corners, boxes)
        below = _on_side(ends[number, False][1], segment.lower, corners, boxes)
        begin = (
            corners[segment.upper][1] + boxes[segment.upper].height if segment.begins else levels.tops[layer]
        )
        end = corners[segment.lower][1] if segment.ends else levels.tops[layer + 1]
        turn = levels.turns[number]
        paths[segment.edge] += [(above, begin), (above, turn), (below, turn), (below, end)]
        if segment.label_width:
            labels[segment.edge] = (below, levels.labels[number])
    for chain in found.chains:
        path = paths[chain.edge]
        paths[chain.edge] = _simple(path[::-1] if chain.is_back else path)
    for number, line in enumerate(lines):
        if line.source == line.target:
            paths[number], labels[number] = _own_loop(corners[line.source], boxes[line.source])
    return _moved(Layout(corners, paths, labels, 0, levels.bottom), boxes, lines)


def _on_side(x: float, key: str, corners: Mapping[str, Point], boxes: Mapping[str, Box]) -> float:
    """Return where an end meets its box: labels may ask for more room than a narrow box has."""
    if key not in boxes:
        return x
    left = corners[key][0]
    return min(max(x, left), left + boxes[key].width)


@dataclass(frozen=True)
class _Levels:
    """What lies how far down: layers with their heights, and the turn and the label of each segment."""

    tops: Sequence[float]
    heights: Sequence[float]
    turns: Sequence[float]
    labels: Sequence[float]
    bottom: float


def _levels(
    found: Layers,
    boxes: Mapping[str, Box],
    lines: Sequence[Line],
    segments: Sequence[tuple[int, Segment]],
    ends: Mapping[tuple[int, bool], tuple[Port, float]],
) -> _Levels:
    """Return the levels: below each layer its tracks, below them its labels, and then the next layer."""
    heights = [max((boxes[key].height for key in row if key in boxes), default=0.0) for row in found.rows]
    tops, turns, labels = [0.0], [0.0] * len(segments), [0.0] * len(segments)
    for place, height in enumerate(heights):
        bottom = tops[place] + height
        inside = [number for number, (layer, _) in enumerate(segments) if layer == place]
        grouped = nets(inside, ends)
        chosen = tracks(grouped)
        last = max(bottom, bottom + _MARGIN + _TRACK * max(chosen.values(), default=-1))
        labelled = [segments[number][1] for number in inside if segments[number][1].label_width]
        text = max((lines[segment.edge].label_lines * _LINE for segment in labelled), default=0.0)
        for number, net in enumerate(grouped):
            for member in net.members:
                turns[member] = bottom if is_straight(net) else bottom + _MARGIN + _TRACK * chosen[number]
                labels[member] = last + _CLEAR + text / 2
        tops.append(last + _MARGIN + _CLEAR + text + (_CLEAR if text else 0))
    return _Levels(tops, heights, turns, labels, tops[-2] + heights[-1] if heights else 0.0)


def _segments(found: Layers, boxes: Mapping[str, Box], lines: Sequence[Line]) -> list[tuple[int, Segment]]:
    """Return the segments of all edges, each with the layer that it begins in."""
    layer = {key: place for place, row in enumerate(found.rows) for key in row}
    segments = []
    for chain in found.chains:
        line = lines[chain.edge]
        style: Style = "back" if chain.is_back else "catch" if line.is_catch else "next"
        steps = list(pairwise(chain.keys))
        near_source = steps[-1] if chain.is_back else steps[0]
        segments += [
            (
                layer[upper],
                Segment(
                    chain.edge,
                    upper,
                    lower,
                    style,
                    line.label_width if (upper, lower) == near_source else 0.0,
                    upper in boxes,
                    lower in boxes,
                ),
            )
            for upper, lower in steps
        ]
    return segments


def _aligned(
    found: Layers, segments: Sequence[Segment], x: dict[str, float], widths: Mapping[str, float]
) -> dict[str, float]:
    """Return the middles, with each node that has but one edge, downwards, moved right over the edge's port."""
    entered = {segment.lower for segment in segments}
    for number, segment in enumerate(segments):
        only = sum(other.upper == segment.upper for other in segments) == 1
        if segment.upper in entered or not only or segment.upper in found.spine:
            continue
        row = next(row for row in found.rows if segment.upper in row)
        wanted = ports(segments, x)[number, False][1]
        if all(
            abs(wanted - x[other]) >= (widths.get(other, BEND_WIDTH) + widths[segment.upper]) / 2 + GAP
            for other in row
            if other != segment.upper
        ):
            x[segment.upper] = wanted
    return x


def _widths(found: Layers, boxes: Mapping[str, Box], lines: Sequence[Line]) -> dict[str, float]:
    """Return the room that boxes need from left to right, and bends with a label on them."""
    widths = {key: box.width for key, box in boxes.items()}
    for line in lines:
        if line.source == line.target:
            widths[line.source] += 2 * _LOOP + line.label_width  # on both sides: the middle stays
    for chain in found.chains:
        label = lines[chain.edge].label_width
        if label and not chain.is_back and len(chain.keys) > len(("source", "target")):
            widths[chain.keys[1]] = label
    return widths


def _simple(points: Sequence[Point]) -> list[Point]:
    """Return the points without repetition, and without those between two others on one line."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        while len(kept) > 1 and (
            kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]
        ):
            kept.pop()
        kept.append(point)
    return kept


def _own_loop(corner: Point, box: Box) -> tuple[list[Point], Point]:
    """Return the way from a node to itself, on its right, and where its label stands."""
    right, middle = corner[0] + box.width, corner[1] + box.height / 2
    step = min(10.0, box.height / 4)
    out = right + _LOOP
    return [(right, middle + step), (out, middle + step), (out, middle - step), (right, middle - step)], (
        out,
        middle,
    )


def _moved(found: Layout, boxes: Mapping[str, Box], lines: Sequence[Line]) -> Layout:
    """Return the layout with its left edge at 0, and its width."""
    spans = [(corner[0], corner[0] + boxes[key].width) for key, corner in found.corners.items()]
    spans += [(x, x) for path in found.paths for x, _ in path]
    spans += [
        (label[0] - line.label_width / 2, label[0] + line.label_width / 2)
        for label, line in zip(found.labels, lines, strict=True)
        if label
    ]
    left = min((low for low, _ in spans), default=0.0)
    return Layout(
        {key: (x - left, y) for key, (x, y) in found.corners.items()},
        [[(x - left, y) for x, y in path] for path in found.paths],
        [label and (label[0] - left, label[1]) for label in found.labels],
        max((high for _, high in spans), default=0.0) - left,
        found.height,
    )
