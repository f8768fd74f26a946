"""The edges of a drawing: lines with rounded corners, heads, and the words on them."""

from collections.abc import Sequence
from html import escape

from headrace_aws.asl.diagrams import shapes
from headrace_aws.asl.diagrams.layout import Point
from headrace_aws.asl.diagrams.marks import Run
from headrace_aws.asl.diagrams.scopes import Edge, Graph
from headrace_aws.asl.diagrams.text_size import broken, width

_CORNER = 8.0  # radius of a line's corner
_HEAD = 7.0  # length of an arrow's head
_SIZE, _LIMIT = 11.0, 128.0  # of a label's font, and how wide it may be


def ends(edge: Edge, graph: Graph) -> frozenset[tuple[str, str]]:
    """Return which states an edge leads from and to: those that its jump or its entry stands for, or its own."""
    within = next(
        (node.ways for node in graph.nodes if node.ways and node.key in {edge.source, edge.target}), (edge,)
    )
    return frozenset((way.source, way.target) for way in within)


def way(edge: Edge, ways: frozenset[tuple[str, str]], points: Sequence[Point], run: Run | None) -> str:
    """Return an edge with its arrow's head; `ways` says which ways of a run it stands for."""
    kinds = ["way", *(["catch"] if edge.is_catch else [])]
    if run is not None:
        kinds.append("taken" if ways & run.taken else "not-taken")
    return (
        f'<g class="{" ".join(kinds)}" data-from="{escape(edge.source)}" data-to="{escape(edge.target)}">'
        f'<path class="edge" d="{_rounded(points)}"/><path class="head" d="{_head(points)}"/></g>\n'
    )


def label_lines(edge: Edge) -> list[str]:
    """Return what an edge says, in lines."""
    return broken(edge.label, _SIZE, _LIMIT, 2)


def label_width(lines: Sequence[str]) -> float:
    """Return the width of a label in pixels."""
    return max((width(line, _SIZE) for line in lines), default=0.0)


def label(edge: Edge, lines: Sequence[str], spot: Point, run: Run | None) -> str:
    """Return the label of an edge, around a point.

    The whole condition, which may name a project and a model, is only for a run's reader: the drawing in the
    documentation is the same in each fork.
    """
    x, y = spot
    about = f"<title>{escape(edge.about)}</title>" if edge.about and run else ""
    top = y - (len(lines) - 1) * 7
    return (
        f"<g>{about}"
        + "".join(shapes.text("label", x, top + number * 14, line) for number, line in enumerate(lines))
        + "</g>\n"
    )


def _rounded(points: Sequence[Point]) -> str:
    """Return a line through the points, its corners rounded, that ends where the arrow's head begins."""
    path = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        path.append(
            f"L{start[0]:.1f},{start[1]:.1f} Q{corner[0]:.1f},{corner[1]:.1f} {end[0]:.1f},{end[1]:.1f}"
        )
    last = _towards(points[-1], points[-2], _HEAD - 1)
    return " ".join([*path, f"L{last[0]:.1f},{last[1]:.1f}"])


def _head(points: Sequence[Point]) -> str:
    """Return the head of an arrow at the end of a line."""
    tip, base = points[-1], _towards(points[-1], points[-2], _HEAD)
    dx, dy = (tip[0] - base[0]) / _HEAD, (tip[1] - base[1]) / _HEAD
    half = _HEAD / 2
    return (
        f"M{tip[0]:.1f},{tip[1]:.1f} L{base[0] - dy * half:.1f},{base[1] + dx * half:.1f} "
        f"L{base[0] + dy * half:.1f},{base[1] - dx * half:.1f} Z"
    )


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])  # lines run level or upright


def _towards(one: Point, other: Point, by: float) -> Point:
    length = _distance(one, other) or 1.0
    return one[0] + (other[0] - one[0]) / length * by, one[1] + (other[1] - one[1]) / length * by
