"""A state machine as SVG: one file, without script, that follows its reader into dark mode."""

from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import pairwise

from headrace_aws.asl.diagrams import shapes
from headrace_aws.asl.diagrams.arrows import ends, label, label_lines, label_width, way
from headrace_aws.asl.diagrams.layout import Box, Layout, Line, layout
from headrace_aws.asl.diagrams.marks import Mark, Run
from headrace_aws.asl.diagrams.scopes import Definition, Graph, Node, Scope, scope_of
from headrace_aws.asl.diagrams.text_size import width

_EDGE_OF_SHEET = 24.0
_PANEL_PADDING = 18.0
_HEADING = 22.0
_HEADER = 44.0  # of a box that holds a graph
_BETWEEN = 36.0  # the flow and its failures, or two branches
_WIDE_ENOUGH = 900.0  # what a page shows without making it smaller
_CLEAR = 16.0  # above and below the failures
_PILE = 4.0  # how far the sheets behind a map stand out


@dataclass(frozen=True)
class Picture:
    """Something drawn, with its size in pixels and the top left corner at 0, 0."""

    width: float
    height: float
    content: str
    filled: tuple[tuple[float, float, float], ...] = ()  # top, bottom and right end of what it is made of


def svg(definition: Definition, title: str, run: Run | None = None) -> str:
    """Return a state machine as an SVG document; with a run, what the run made of it."""
    scope = scope_of(definition)
    whole = _scope(scope, run)
    wide, high = whole.width + 2 * _EDGE_OF_SHEET, whole.height + 2 * _EDGE_OF_SHEET
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    return (
        f'<svg class="machine" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(_described(scope, run))}</desc>\n"
        f"<style>\n{style}</style>\n"
        f'<rect class="sheet" width="100%" height="100%" rx="8"/>\n'
        f'<g transform="translate({_EDGE_OF_SHEET:g} {_EDGE_OF_SHEET:g})">\n{whole.content}</g>\n</svg>\n'
    )


def _described(scope: Scope, run: Run | None) -> str:
    """Return the picture in words, for whom cannot see it."""
    ways = ". ".join(
        f"{edge.source} goes to {edge.target}{f' ({edge.label})' if edge.label else ''}"
        for edge in scope.edges()
    )
    if run is None:
        return f"{ways}."
    sentences = ". ".join(
        f"{node.label}: {' '.join(part for part in (mark.status, mark.words) if part)}"
        for node in scope.nodes()
        if (mark := run.marks.get(node.key))
    )
    return f"{sentences}. {ways}."


def _scope(scope: Scope, run: Run | None) -> Picture:
    flow = _graph(scope.flow, run)
    if scope.failure is None:
        return flow
    failures = _graph(scope.failure, run)
    wide, high = failures.width + 2 * _PANEL_PADDING, failures.height + 2 * _PANEL_PADDING + _HEADING
    left, top = _free_place(flow, wide, high)
    content = (
        f"{flow.content}"
        f'<g class="failures" transform="translate({left:.1f} {top:.1f})">'
        f'<rect class="panel" width="{wide:.1f}" height="{high:.1f}" rx="8"/>'
        f"{shapes.text('heading', _PANEL_PADDING, _PANEL_PADDING + 2, 'When something fails')}\n"
        f'<g transform="translate({_PANEL_PADDING:g} {_PANEL_PADDING + _HEADING:g})">\n{failures.content}</g></g>\n'
    )
    return Picture(max(flow.width, left + wide), max(flow.height, top + high), content)


def _free_place(flow: Picture, wide: float, high: float) -> tuple[float, float]:
    """Return where something of that size fits beside the flow so that both together are of a good width, and not high."""
    tops = sorted({0.0, *(bottom + _BETWEEN for _, bottom, _ in flow.filled)})
    rights = {
        top: max(
            (
                right
                for upper, lower, right in flow.filled
                if lower + _CLEAR > top and upper - _CLEAR < top + high
            ),
            default=0.0,
        )
        for top in tops
    }
    top = min(
        tops,
        key=lambda each: (
            max(0.0, rights[each] + _BETWEEN + wide - _WIDE_ENOUGH),
            max(flow.height, each + high),
            each,
        ),
    )
    return rights[top] + _BETWEEN, top


def _graph(graph: Graph, run: Run | None) -> Picture:
    marks = run.marks if run else {}
    inner = {node.key: _inside(node, run) for node in graph.nodes if node.inside}
    plain = [node for node in graph.nodes if not node.inside]
    # States of one width make straight columns.
    common = max((shapes.text_width(node, marks.get(node.key)) for node in plain), default=shapes.NARROWEST)
    boxes = {
        node.key: (
            Box(max(inner[node.key].width, common), inner[node.key].height)
            if node.inside
            else shapes.box_of(node, common, marks.get(node.key))
        )
        for node in graph.nodes
    }
    labels = [label_lines(edge) for edge in graph.edges]
    lines = [
        Line(
            edge.source,
            edge.target,
            edge.is_catch,
            label_width(words),
            len(words),
        )
        for edge, words in zip(graph.edges, labels, strict=True)
    ]
    placed = layout(boxes, lines)
    content = [
        way(edge, ends(edge, graph), placed.paths[number], run) for number, edge in enumerate(graph.edges)
    ]
    content += [_placed(node, boxes[node.key], placed, inner.get(node.key), run) for node in graph.nodes]
    content += [
        label(edge, words, spot, run)
        for edge, words, spot in zip(graph.edges, labels, placed.labels, strict=True)
        if spot
    ]
    filled = [
        (placed.corners[key][1], placed.corners[key][1] + box.height, placed.corners[key][0] + box.width)
        for key, box in boxes.items()
    ]
    filled += [
        (min(y, v), max(y, v), max(x, u)) for path in placed.paths for (x, y), (u, v) in pairwise(path)
    ]
    filled += [
        (spot[1] - 14, spot[1] + 14, spot[0] + line.label_width / 2)
        for spot, line in zip(placed.labels, lines, strict=True)
        if spot
    ]
    return Picture(placed.width, placed.height, "".join(content), tuple(filled))


def _placed(node: Node, box: Box, placed: Layout, inner: Picture | None, run: Run | None) -> str:
    x, y = placed.corners[node.key]
    mark = run.marks.get(node.key) if run else None
    drawn = shapes.drawn(node, box, mark) if inner is None else _around(node, box, inner, mark)
    about = f"<title>{escape(f'{node.label}: {node.about}')}</title>" if node.about else ""
    return (
        f'<g class="{shapes.classes(node, run.marks if run else None)}" data-node="{escape(node.key)}" '
        f'transform="translate({x:.1f} {y:.1f})">{about}{drawn}</g>\n'
    )


def _inside(node: Node, run: Run | None) -> Picture:
    """Return the graphs that a node holds, side by side, with the room of the box around them."""
    parts, left, high = [], _PANEL_PADDING, 0.0
    for place, scope in enumerate(node.inside):
        picture = _scope(scope, run)
        if place:
            parts.append((left - _BETWEEN / 2, ""))
        parts.append((left, picture.content))
        left += picture.width + _BETWEEN
        high = max(high, picture.height)
    content = "".join(
        (
            f'<g transform="translate({x:.1f} {_HEADER + 6:g})">\n{drawn}</g>'
            if drawn
            else f'<line class="divider" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEADER + 6:g}" y2="{_HEADER + 6 + high:.1f}"/>'
        )
        for x, drawn in parts
    )
    header = max(
        width(node.label, shapes.NAME_SIZE, is_bold=True), width(node.detail, shapes.DETAIL_SIZE) + 60
    )
    return Picture(
        max(left - _BETWEEN + _PANEL_PADDING, header + 2 * _PANEL_PADDING),
        high + _HEADER + 6 + _PANEL_PADDING,
        content,
    )


def _around(node: Node, box: Box, inner: Picture, mark: Mark | None) -> str:
    """Return the box of a map or a parallel, with its name above the graphs that it holds."""
    pile = "".join(
        f'<path class="behind" d="M{off:g},{box.height + off:.1f} H{box.width + off - 5:.1f} q5,0 5,-5 V{off:g}"/>'
        for off in ((2 * _PILE, _PILE) if node.kind == "map" else ())
    )
    detail = shapes.text("mark" if mark else "detail", box.width / 2, 33, shapes.below(node, mark))
    shift = (box.width - inner.width) / 2
    return (
        f'{pile}<rect class="shape" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/>'
        f"{shapes.text('name', box.width / 2, 16, node.label)}{detail}"
        f'<g transform="translate({shift:.1f} 0)">{inner.content}</g>{"".join(shapes.numbers(node, box))}'
    )
