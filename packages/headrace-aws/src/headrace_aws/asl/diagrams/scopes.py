"""A state machine as nodes and edges to draw, read from its definition in States Language.

Nearly every state catches every error and sends it to the same state. Drawn one by one, those edges would hide
the flow. So an error that many states send to one place becomes a number: each of these states bears it, and one
entry, "(1) a job fails", leads to that place. What is reached by such entries only stands apart, in `failure`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal

from headrace_aws.asl.diagrams.labels import condition, joined, resource, words

Definition = Mapping[str, Any]  # a state machine, or the processor of a map, or a branch: StartAt and States
Kind = Literal[
    "start", "end", "entry", "jump", "task", "job", "choice", "pass", "wait", "map", "parallel", "succeed", "fail"
]  # fmt: skip

START = "start of the machine"  # the key of the dot that it begins in
_DRAWN_CATCHES = 1  # so many states may send their errors to a place by an edge; more share a number


@dataclass(frozen=True)
class Node:
    """Something to draw: a state, or one of `start`, `end`, `entry` (of errors) and `jump` (to states drawn elsewhere)."""

    key: str  # the state's name; unlike every other key of the machine
    kind: Kind
    label: str
    detail: str = ""  # what it does, in a few words
    about: str = ""  # more, for whoever asks: a tooltip
    numbers: tuple[int, ...] = ()  # of the entries that its errors go to, or the entry's own
    ways: tuple["Edge", ...] = ()  # of a jump and of an entry: those that it stands for
    inside: tuple["Scope", ...] = ()  # of a map its processor, of a parallel its branches


@dataclass(frozen=True)
class Edge:
    """A way from one node to another, taken on an error if `is_catch`."""

    source: str
    target: str
    label: str = ""
    about: str = ""
    is_catch: bool = False


@dataclass(frozen=True)
class Graph:
    """Nodes, in the order of the definition, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class Scope:
    """The states of one level: the flow, and apart from it what only errors lead to."""

    flow: Graph
    failure: Graph | None = None

    def nodes(self) -> Iterator[Node]:
        """Yield every node, those inside of others too."""
        for graph in (self.flow, self.failure):
            for node in graph.nodes if graph else ():
                yield node
                for inner in node.inside:
                    yield from inner.nodes()

    def edges(self) -> Iterator[Edge]:
        """Yield every edge, those inside of nodes and those that jumps stand for too."""
        for graph in (self.flow, self.failure):
            for node in graph.nodes if graph else ():
                yield from node.ways
                for inner in node.inside:
                    yield from inner.edges()
            yield from graph.edges if graph else ()


def end_key(name: str) -> str:
    """Return the key of the dot in which a state ends the machine."""
    return f"end of {name}"


def scope_of(definition: Definition) -> Scope:
    """Return what is to be drawn of a state machine."""
    return _scope(definition, count(1), is_outermost=True)


def _scope(definition: Definition, numbers: Iterator[int], *, is_outermost: bool) -> Scope:
    states: Mapping[str, Mapping[str, Any]] = definition["States"]
    ways = [edge for name, state in states.items() for edge in _next_edges(name, state)]
    drawn, bundled = _catches(states, ways)
    entries = {target: next(numbers) for target in bundled}
    nodes = {
        name: replace(
            _node(name, state, numbers),
            numbers=tuple(sorted(entries[target] for target, froms in bundled.items() if name in froms)),
        )
        for name, state in states.items()
    }
    if is_outermost:
        nodes = {START: Node(START, "start", "start")} | nodes
        ways.insert(0, Edge(START, definition["StartAt"]))
    for target, number in entries.items():
        key = f"error {number}"
        nodes[key] = _entry(key, number, target, bundled[target], states)
        ways.append(Edge(key, target, is_catch=True))
    for name, state in states.items() if is_outermost else ():
        if state.get("End"):
            nodes[end_key(name)] = Node(end_key(name), "end", "end")
            ways.append(Edge(name, end_key(name)))
    ways = _merged([*ways, *drawn])
    reached = _reached(START if is_outermost else definition["StartAt"], ways)
    # An entry stands with the state that it leads to.
    reached |= {f"error {number}" for target, number in entries.items() if target in reached}
    apart = {name for name in nodes if name not in reached}
    flow, flow_jumps = _graph(reached, nodes, ways)
    failure, jumps = _graph(apart, nodes, ways)
    return Scope(
        Graph((*flow, *flow_jumps.nodes), flow_jumps.edges),
        Graph((*failure, *jumps.nodes), jumps.edges) if failure else None,
    )


def _graph(keys: set[str], nodes: Mapping[str, Node], ways: Iterable[Edge]) -> tuple[list[Node], Graph]:
    """Return the nodes of one part, and its edges; those that leave the part end in one jump for each source."""
    edges: list[Edge] = []
    leaving: dict[str, list[Edge]] = defaultdict(list)
    for edge in ways:
        if edge.source in keys and edge.target in keys:
            edges.append(edge)
        elif edge.source in keys:
            leaving[edge.source].append(edge)
    jumps = []
    for source, found in leaving.items():
        key = f"{source} to elsewhere"
        jumps.append(Node(key, "jump", joined([edge.target for edge in found]), ways=tuple(found)))
        edges.append(Edge(source, key, is_catch=all(edge.is_catch for edge in found)))
    return [node for key, node in nodes.items() if key in keys], Graph(tuple(jumps), tuple(edges))


def _node(name: str, state: Mapping[str, Any], numbers: Iterator[int]) -> Node:
    kind: str = state["Type"]
    about = str(state.get("Comment", ""))
    if kind == "Task":
        does, is_job = resource(str(state["Resource"]))
        return Node(name, "job" if is_job else "task", name, does, about or str(state["Resource"]))
    if kind == "Map":
        processor = state.get("ItemProcessor") or state["Iterator"]
        inside = _scope(processor, numbers, is_outermost=False)
        items = words(str(state.get("ItemsPath", "$")))
        is_distributed = processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED"
        detail = f"for each of {items}" if items else "for each item"
        return Node(
            name, "map", name, f"{detail}, distributed" if is_distributed else detail, about, inside=(inside,)
        )
    if kind == "Parallel":
        branches = tuple(_scope(branch, numbers, is_outermost=False) for branch in state["Branches"])
        return Node(name, "parallel", name, "all at once", about, inside=branches)
    simple: Mapping[str, Kind] = {
        "Choice": "choice",
        "Wait": "wait",
        "Pass": "pass",
        "Succeed": "succeed",
        "Fail": "fail",
    }
    return Node(name, simple[kind], name, _waiting(state) if kind == "Wait" else "", about)


def _waiting(state: Mapping[str, Any]) -> str:
    if "Seconds" in state:
        return f"{state['Seconds']} s"
    where = state.get("SecondsPath") or state.get("TimestampPath")
    until = "until" if "Timestamp" in state or "TimestampPath" in state else "for some"
    return f"{until} {words(str(where)) if where else state.get('Timestamp', 'time')}"


def _next_edges(name: str, state: Mapping[str, Any]) -> Iterator[Edge]:
    if "Next" in state:
        yield Edge(name, state["Next"])
    for rule in state.get("Choices", ()):
        said = str(rule.get("Comment") or condition(rule))
        yield Edge(name, rule["Next"], said, condition(rule, is_whole=True))
    if "Default" in state:
        yield Edge(name, state["Default"], "otherwise", "when no rule holds")


def _catches(
    states: Mapping[str, Mapping[str, Any]], ways: Sequence[Edge]
) -> tuple[list[Edge], dict[str, list[str]]]:
    """Return the edges of errors that are drawn, and of each other target the states that send errors to it."""
    sources: dict[str, list[str]] = defaultdict(list)
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, state in states.items():
        for catcher in state.get("Catch", ()):
            if catcher["Next"] == state.get("Next"):
                continue  # an error changes nothing in the way
            said[name, catcher["Next"]] += catcher["ErrorEquals"]
            if name not in sources[catcher["Next"]]:
                sources[catcher["Next"]].append(name)
    shared = {target for target, found in sources.items() if len(found) > _DRAWN_CATCHES}
    # What leads to where the numbered errors go stands apart with it.
    shared |= {target for target in sources if shared & _reached(target, ways)}
    drawn = [
        Edge(source, target, "on error", f"on {joined(said[source, target])}", is_catch=True)
        for target, found in sources.items()
        for source in found
        if target not in shared
    ]
    return drawn, {target: found for target, found in sources.items() if target in shared}


def _entry(
    key: str, number: int, target: str, froms: list[str], states: Mapping[str, Mapping[str, Any]]
) -> Node:
    jobs = [states[name]["Type"] == "Task" and resource(str(states[name]["Resource"]))[1] for name in froms]
    what = "a job fails" if all(jobs) else "a step fails" if any(jobs) else "a call fails"
    ways = tuple(Edge(source, target, is_catch=True) for source in froms)
    return Node(key, "entry", what, about=f"an error in {joined(froms)}", numbers=(number,), ways=ways)


def _merged(edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges with those that go the same way as one."""
    found: dict[tuple[str, str, bool], Edge] = {}
    for edge in edges:
        key = (edge.source, edge.target, edge.is_catch)
        former = found.get(key)
        found[key] = (
            replace(former, label=f"{former.label} or {edge.label}", about=f"{former.about}, or {edge.about}")
            if former
            else edge
        )
    return list(found.values())


def _reached(start: str, edges: Iterable[Edge]) -> set[str]:
    following: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        following[edge.source].append(edge.target)
    found, open_ends = {start}, [start]
    while open_ends:
        new = [key for key in following[open_ends.pop()] if key not in found]
        found.update(new)
        open_ends += new
    return found
