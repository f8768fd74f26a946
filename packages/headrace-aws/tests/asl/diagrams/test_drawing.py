"""The picture of a state machine."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from drawn_machines import LOOP, NESTED, PARALLEL, all_machines, machine, states_of, task

from headrace_aws.asl.diagrams.drawing import svg
from headrace_aws.asl.diagrams.marks import Mark, Run
from headrace_aws.asl.diagrams.scopes import START, scope_of
from headrace_aws.asl.diagrams.text_size import broken, width

MACHINES = all_machines()
SPACE = "{http://www.w3.org/2000/svg}"
Area = tuple[float, float, float, float]  # left, top, right, bottom


def parsed(text: str) -> ET.Element:
    """Return the root of an SVG document."""
    return ET.fromstring(text)  # noqa: S314 - our own document


def areas(root: ET.Element) -> dict[str, Area]:
    """Return where each node lies on the sheet, by the translations of the groups around it."""
    found: dict[str, Area] = {}

    def walk(element: ET.Element, x: float, y: float) -> None:
        moved = re.match(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform", ""))
        if moved:
            x, y = x + float(moved[1]), y + float(moved[2])
        key = element.get("data-node")
        if key is not None:
            shape = next(
                child
                for child in element
                if child.tag != f"{SPACE}title" and "behind" not in child.get("class", "")
            )
            if shape.tag == f"{SPACE}polygon":
                points = [tuple(map(float, each.split(","))) for each in shape.get("points", "").split()]
                wide, high = max(point[0] for point in points), max(point[1] for point in points)
            elif shape.tag == f"{SPACE}circle":
                wide = high = 2 * float(shape.get("r", "0"))
            else:
                wide, high = float(shape.get("width", "0")), float(shape.get("height", "0"))
            found[key] = (x, y, x + wide, y + high)
        for child in element:
            walk(child, x, y)

    walk(root, 0, 0)
    return found


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_is_drawn_on_the_sheet_and_over_no_other(name: str) -> None:
    """Boxes of one level stand apart; what a box holds lies inside of it."""
    root = parsed(svg(MACHINES[name], name))
    found = areas(root)
    assert {key for key, _ in states_of(MACHINES[name])} <= found.keys()
    _, _, wide, high = map(float, root.get("viewBox", "").split())
    inside = {
        node.key: {inner.key for scope in node.inside for inner in scope.nodes()}
        for node in scope_of(MACHINES[name]).nodes()
    }
    for key, (left, top, right, bottom) in found.items():
        assert left >= 0
        assert top >= 0
        assert right <= wide
        assert bottom <= high
        for other, (x, y, u, v) in found.items():
            if other in inside[key]:
                assert left < x < u < right, f"{other} sticks out of {key}"
                assert top < y < v < bottom, f"{other} sticks out of {key}"
            elif other != key and key not in inside[other]:
                assert right <= x or u <= left or bottom <= y or v <= top, f"{key} lies over {other}"


@pytest.mark.parametrize("name", MACHINES)
def test_every_edge_is_drawn(name: str) -> None:
    """Each edge of the graph has a line and a head; those of a jump or an entry share one."""
    root = parsed(svg(MACHINES[name], name))
    drawn = {(each.get("data-from"), each.get("data-to")) for each in root.iter() if each.get("data-to")}
    scope = scope_of(MACHINES[name])
    kinds = {node.key: node for node in scope.nodes()}
    for edge in scope.edges():
        shared = any(edge in node.ways for node in kinds.values())
        assert shared or (edge.source, edge.target) in drawn
    heads = [each for each in root.iter(f"{SPACE}path") if each.get("class") == "head"]
    assert len(heads) == len(drawn)


def test_a_drawing_speaks_to_whom_cannot_see_it() -> None:
    """Title, description, and texts as texts."""
    root = parsed(svg(LOOP, "The loop"))
    assert root.findtext(f"{SPACE}title") == "The loop"
    described = root.findtext(f"{SPACE}desc") or ""
    assert "Enough? goes to Wait (count < 3)" in described
    assert "Done" in {text.text for text in root.iter(f"{SPACE}text")}


def test_a_drawing_needs_nothing_but_itself() -> None:
    """No script, no address but the names of namespaces, and colours for the dark."""
    text = svg(PARALLEL, "Parallel")
    assert "<script" not in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert "prefers-color-scheme: dark" in text


def test_a_name_is_no_markup() -> None:
    """Names and comments of a definition are escaped wherever they stand."""
    evil = '<script>&"'
    definition = {"StartAt": evil, "States": {evil: {"Type": "Pass", "Comment": evil, "End": True}}}
    root = parsed(svg(definition, evil, Run({evil: Mark("succeeded", 1)})))
    assert root.findtext(f"{SPACE}title") == evil
    assert not list(root.iter(f"{SPACE}script"))


MARKS = {
    "succeeded": (Mark("succeeded", 8.94, retries=2), "✓ 8.9 s, 2 retries"),
    "failed": (Mark("failed", 125), "✗ 2 min 5 s"),
    "caught": (Mark("caught", 3840, visits=3), "! 1 h 4 min, 3 times"),
    "running": (Mark("running", 59.4), "… 59 s"),
}


@pytest.mark.parametrize("status", MARKS)
def test_a_run_marks_its_states(status: str) -> None:
    """Status as a class, and sign, time and tries in words."""
    mark, said = MARKS[status]
    root = parsed(
        svg(machine(A=task("B"), B={"Type": "Succeed"}), "A", Run({"A": mark}, frozenset({(START, "A")})))
    )
    nodes = {each.get("data-node"): each for each in root.iter() if each.get("data-node")}
    assert status in (nodes["A"].get("class") or "").split()
    assert said in [text.text for text in nodes["A"].iter(f"{SPACE}text")]
    assert "not-reached" in (nodes["B"].get("class") or "")
    ways = {
        (each.get("data-from"), each.get("data-to")): each.get("class")
        for each in root.iter()
        if each.get("data-to")
    }
    assert ways == {(START, "A"): "way taken", ("A", "B"): "way not-taken"}


def test_a_map_tells_of_its_items() -> None:
    """How many were done, and how many failed."""
    mark = Mark("caught", 20, iterations=8, succeeded=7, failed=1)
    root = parsed(svg(NESTED, "A", Run({"Each fold": mark})))
    assert "! 20 s, 7 of 8, 1 failed" in [text.text for text in root.iter(f"{SPACE}text")]


def test_a_text_is_broken_and_shortened_to_its_room() -> None:
    """No line is wider than the limit, and an ellipsis tells of what is left out."""
    lines = broken("a rather long name of a state that has no end", 13, 100, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(width(line, 13) <= 100 for line in lines)
    assert broken("", 13, 100, 2) == []


def test_a_definition_has_one_drawing() -> None:
    """Twice the same text, as a check needs it."""
    definition: dict[str, Any] = MACHINES["nested"]
    assert svg(definition, "A") == svg(definition, "A")
