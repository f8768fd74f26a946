"""Where boxes and lines stand."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace_aws.asl.diagrams.columns import spread
from headrace_aws.asl.diagrams.layout import Box, Layout, Line, layout


def check(boxes: dict[str, Box], lines: list[Line], found: Layout) -> None:
    """Assert what holds of every drawing."""
    for one, other in combinations(boxes, 2):
        (x, y), (u, v) = found.corners[one], found.corners[other]
        beside = x + boxes[one].width <= u or u + boxes[other].width <= x
        above = y + boxes[one].height <= v or v + boxes[other].height <= y
        assert beside or above, f"{one} and {other} lie over one another"
    for line, path in zip(lines, found.paths, strict=True):
        for (x, y), (u, v) in pairwise(path):
            assert x == u or y == v, "a line runs askew"
        if line.source == line.target:
            continue
        for key in boxes:
            assert not any(
                crosses(step, key, boxes, found) for step in pairwise(path)
            ), f"{line} runs over {key}"
        assert touches(path[0], line.source, boxes, found), f"{line} begins nowhere"
        assert touches(path[-1], line.target, boxes, found), f"{line} ends nowhere"
    for key, (x, y) in found.corners.items():
        assert x >= -0.01
        assert y >= -0.01
        assert x + boxes[key].width <= found.width + 0.01
        assert y + boxes[key].height <= found.height + 0.01


def touches(point: tuple[float, float], key: str, boxes: dict[str, Box], found: Layout) -> bool:
    """Tell whether a point lies on the upper or the lower side of a box."""
    (x, y), (left, top) = point, found.corners[key]
    is_beside = left - 0.01 <= x <= left + boxes[key].width + 0.01
    return is_beside and min(abs(y - top), abs(y - top - boxes[key].height)) < 0.01


def crosses(
    step: tuple[tuple[float, float], tuple[float, float]], key: str, boxes: dict[str, Box], found: Layout
) -> bool:
    """Tell whether a part of a line runs through the inside of a box."""
    (x, y), (u, v) = step
    left, top = found.corners[key]
    return (
        max(x, u) > left + 0.01
        and min(x, u) < left + boxes[key].width - 0.01
        and max(y, v) > top + 0.01
        and min(y, v) < top + boxes[key].height - 0.01
    )


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, Box], list[Line]]:
    """Return a graph of up to ten boxes, loops and all, in which no two edges are alike."""
    count = draw(st.integers(1, 10))
    keys = [f"box {number}" for number in range(count)]
    size = st.floats(120, 400)
    boxes = {key: Box(draw(size), draw(st.floats(20, 300))) for key in keys}
    ends = draw(st.lists(st.tuples(st.sampled_from(keys), st.sampled_from(keys)), max_size=16, unique=True))
    lines = [
        Line(source, target, draw(st.booleans()), *draw(st.sampled_from([(0.0, 0), (30.0, 1), (40.0, 2)])))
        for source, target in ends
    ]
    return boxes, lines


@given(graphs())
@settings(max_examples=80, deadline=None)
def test_whatever_the_graph_nothing_lies_over_another_and_every_edge_connects(
    graph: tuple[dict[str, Box], list[Line]],
) -> None:
    """Boxes stand apart, lines run level or upright from a side of one box to a side of another."""
    boxes, lines = graph
    check(boxes, lines, layout(boxes, lines))


def test_a_layout_is_always_the_same() -> None:
    """The same graph has the same drawing, so a check can tell what is stale."""
    boxes = {key: Box(100, 30) for key in "abcdef"}
    lines = [Line(*ends) for ends in ("ab", "ac", "bd", "cd", "de", "eb", "af", "fe")]
    assert layout(boxes, lines) == layout(boxes, lines)


def test_a_chain_is_one_straight_line() -> None:
    """Boxes of different widths stand with their middles over one another, and lines have no corner."""
    boxes = {"a": Box(100, 30), "b": Box(40, 30), "c": Box(140, 30)}
    found = layout(boxes, [Line("a", "b"), Line("b", "c")])
    assert {round(found.corners[key][0] + box.width / 2, 3) for key, box in boxes.items()} == {70}
    assert [len(path) for path in found.paths] == [2, 2]


def test_a_loop_runs_upwards() -> None:
    """An edge back to an earlier box ends at its lower side, or at its upper when it comes from above."""
    boxes = {key: Box(100, 30) for key in "abc"}
    lines = [Line("a", "b"), Line("b", "c"), Line("c", "a")]
    back = layout(boxes, lines).paths[2]
    assert back[0][1] > back[-1][1]


def test_a_long_edge_passes_beside_what_lies_between() -> None:
    """The edge from first to last does not run through the box in the middle."""
    boxes = {key: Box(100, 30) for key in "abc"}
    found = layout(boxes, [Line("a", "b"), Line("b", "c"), Line("a", "c")])
    left, top = found.corners["b"]
    for (x, y), (_, v) in pairwise(found.paths[2]):
        if min(y, v) < top + 30 and max(y, v) > top:
            assert x < left or x > left + 100


def test_the_main_line_is_straight_and_other_ways_stand_beside() -> None:
    """A way around two boxes on the longest way does not bend that way."""
    boxes = {key: Box(100, 30) for key in "abcde"}
    found = layout(boxes, [Line("a", "b"), Line("b", "c"), Line("c", "d"), Line("a", "e"), Line("e", "d")])
    assert len({round(found.corners[key][0], 3) for key in "abcd"}) == 1


@pytest.mark.parametrize(
    ("wanted", "weights", "apart", "places"),
    [
        ([0, 10], [1, 1], [5], [0, 10]),
        ([0, 0], [1, 1], [10], [-5, 5]),
        ([0, 0], [3, 1], [8], [-2, 6]),
        ([5, 5, 100], [1, 1, 1], [10, 10], [0, 10, 100]),
        ([], [], [], []),
    ],
)
def test_neighbours_are_spread_as_little_as_can_be(
    wanted: list[float], weights: list[float], apart: list[float], places: list[float]
) -> None:
    """The heavier moves less; those that have room stay where they want to be."""
    assert spread(wanted, weights, apart) == pytest.approx(places)
