"""The shape of each kind of node: its size, its outline, and what stands in it."""

from collections.abc import Mapping
from html import escape

from headrace_aws.asl.diagrams.layout import Box
from headrace_aws.asl.diagrams.marks import SIGNS, Mark
from headrace_aws.asl.diagrams.scopes import Node
from headrace_aws.asl.diagrams.text_size import broken, width

NAME_SIZE, DETAIL_SIZE = 13.0, 11.0
NARROWEST, WIDEST = 124.0, 176.0  # of a state with text, in pixels
_PADDING = 14.0
_LINE = 16.0
_DOT = 7.0
_ROUND = 9.0  # radius of a number's circle
_POINT = 12.0  # how far a choice reaches out to both sides


def text_width(node: Node, mark: Mark | None) -> float:
    """Return the width that the texts of a state ask for, within what a state may have."""
    if node.kind in {"start", "end", "jump"}:
        return 0.0  # they do not decide
    said = below(node, mark)
    asked = max(width(node.label, NAME_SIZE, is_bold=True), width(said, DETAIL_SIZE) + 2 * _PADDING)
    extra = 2 * _POINT if node.kind in {"choice", "entry"} else 0.0
    return min(max(asked + 2 * _PADDING + extra, NARROWEST), WIDEST)


def name_lines(node: Node, box_width: float) -> list[str]:
    """Return a state's name in lines."""
    inset = 2 * (_POINT if node.kind in {"choice", "entry"} else 5.0)
    return broken(node.label, NAME_SIZE, box_width - inset - 4, 2, is_bold=node.kind != "pass")


def box_of(node: Node, box_width: float, mark: Mark | None) -> Box:
    """Return the size of a node that holds no others."""
    if node.kind in {"start", "end"}:
        return Box(2 * _DOT, 2 * _DOT)
    if node.kind == "jump":
        widest = max(width(way, DETAIL_SIZE) for way in _ways(node))
        return Box(max(widest + 16, box_width), 10 + _LINE * len(node.ways))
    lines = len(name_lines(node, box_width))
    if node.kind == "entry":
        own = width(node.label, NAME_SIZE, is_bold=True) + 2 * (_ROUND + _PADDING)
        return Box(min(own, box_width), 6 + _LINE * lines)
    height = _LINE * lines + (_LINE if below(node, mark) else 0) + (10 if node.kind == "pass" else 14)
    return Box(box_width, max(height, 26.0 if node.kind == "pass" else 36.0))


def drawn(node: Node, box: Box, mark: Mark | None) -> str:
    """Return what is drawn of a node that holds no others, with its top left corner at 0, 0."""
    middle = box.width / 2
    if node.kind == "start":
        return f'<circle class="dot" cx="{_DOT:g}" cy="{_DOT:g}" r="{_DOT:g}"/>'
    if node.kind == "end":
        return f'<circle class="ring" cx="{_DOT:g}" cy="{_DOT:g}" r="{_DOT:g}"/><circle class="dot" cx="{_DOT:g}" cy="{_DOT:g}" r="3.5"/>'
    if node.kind == "jump":
        rows = [text("name", middle, 5 + _LINE * (row + 0.5), way) for row, way in enumerate(_ways(node))]
        return "".join([_outline(node, box), *rows])
    lines = name_lines(node, box.width)
    said = "".join(broken(below(node, mark), DETAIL_SIZE, box.width - 8, 1))
    has_below = bool(said) and node.kind != "entry"
    total = _LINE * (len(lines) + has_below)
    y = (box.height - total) / 2 + _LINE / 2
    parts = [_outline(node, box)]
    # The circle of an entry stands before its words; both together in the middle.
    shift = _ROUND + 3 if node.kind == "entry" else 0.0
    for number, line in enumerate(lines):
        parts.append(text("name", middle + shift, y + number * _LINE, line))
    if has_below:
        parts.append(text("mark" if mark else "detail", middle, y + len(lines) * _LINE, said))
    if node.kind == "entry":
        left = middle - width(lines[0], 12.0, is_bold=True) / 2 - 3
        parts += [_number(left, box.height / 2, number) for number in node.numbers]
    else:
        parts += numbers(node, box)
    return "".join(parts)


def below(node: Node, mark: Mark | None) -> str:
    """Return what stands below a state's name: what a run made of it, else what it does."""
    if mark is None:
        return node.detail
    said = mark.words or node.detail
    return f"{SIGNS[mark.status]} {said}".strip() if said else ""


def _ways(node: Node) -> list[str]:
    """Return where a jump leads, one line for each way."""
    return [f"{way.label} → {way.target}".strip() for way in node.ways]


def numbers(node: Node, box: Box) -> list[str]:
    """Return the circles that tell where a state's errors go, on its right edge."""
    return [
        _number(box.width - place * (2 * _ROUND + 2), 0.0, number)
        for place, number in enumerate(node.numbers)
    ]


def text(kind: str, x: float, y: float, words: str) -> str:
    """Return a line of text around a point."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def classes(node: Node, marks: Mapping[str, Mark] | None) -> str:
    """Return the classes of a node, by which `style.css` knows it."""
    if marks is None or node.kind in {"start", "end", "entry", "jump"}:
        return node.kind
    mark = marks.get(node.key)
    return f"{node.kind} state {(mark.status if mark else 'not reached').replace(' ', '-')}"


def _outline(node: Node, box: Box) -> str:
    wide, high = box.width, box.height
    if node.kind == "choice":
        points = f"0,{high / 2:.1f} {_POINT},0 {wide - _POINT:.1f},0 {wide:.1f},{high / 2:.1f} {wide - _POINT:.1f},{high:.1f} {_POINT},{high:.1f}"
        return f'<polygon class="shape" points="{points}"/>'
    radius = high / 2 if node.kind in {"succeed", "fail", "wait", "entry"} else 5.0
    return f'<rect class="shape" width="{wide:.1f}" height="{high:.1f}" rx="{radius:.1f}"/>'


def _number(x: float, y: float, number: int) -> str:
    return (
        f'<g class="number" transform="translate({x:.1f} {y:.1f})"><circle r="{_ROUND:g}"/>'
        f"{text('digit', 0, 0, str(number))}</g>"
    )
