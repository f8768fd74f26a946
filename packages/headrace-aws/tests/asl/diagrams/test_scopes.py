"""What is read from a definition: every state, every way, and what stands apart."""

from typing import Any

import pytest
from drawn_machines import (
    CALL,
    JOB,
    LOOP,
    NESTED,
    all_machines,
    caught,
    machine,
    states_of,
    task,
    ways_of,
)

from headrace_aws.asl.diagrams.scopes import scope_of

MACHINES = all_machines()


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_and_every_way_is_there(name: str) -> None:
    """Nothing that a definition has is left out, at whatever depth, and nothing is there twice."""
    scope = scope_of(MACHINES[name])
    keys = [node.key for node in scope.nodes()]
    assert len(keys) == len(set(keys))
    assert {key for key, _ in states_of(MACHINES[name])} <= set(keys)
    assert ways_of(MACHINES[name]) <= {(edge.source, edge.target) for edge in scope.edges()}


def test_errors_that_many_states_send_to_one_place_become_a_number() -> None:
    """Each of the states bears the number, the entry says what fails, and its place stands apart."""
    scope = scope_of(
        machine(
            A=task("B", JOB, Catch=caught("Sorry")),
            B=task("C", JOB, Catch=caught("Sorry")),
            C={"Type": "Succeed"},
            Sorry={"Type": "Fail"},
        )
    )
    assert scope.failure is not None
    numbers = {node.key: node.numbers for node in scope.nodes() if node.numbers}
    assert numbers == {"A": (1,), "B": (1,), "error 1": (1,)}
    entry = next(node for node in scope.failure.nodes if node.kind == "entry")
    assert (entry.label, entry.about) == ("a job fails", "an error in A and B")
    assert {node.key for node in scope.failure.nodes} == {"Sorry", "error 1"}


@pytest.mark.parametrize(
    ("resources", "words"), [([JOB, JOB], "a job"), ([CALL, CALL], "a call"), ([JOB, CALL], "a step")]
)
def test_an_entry_says_what_fails(resources: list[str], words: str) -> None:
    """Jobs, calls, or both."""
    first, second = (task("B", resource, Catch=caught("Sorry")) for resource in resources)
    scope = scope_of(machine(A=first, B=second | {"Next": "Sorry"}, Sorry={"Type": "Fail"}))
    assert [node.label for node in scope.nodes() if node.kind == "entry"] == []
    scope = scope_of(
        machine(
            A=first,
            B=second | {"Next": "C"},
            C=second | {"Next": "D"},
            D={"Type": "Succeed"},
            Sorry={"Type": "Fail"},
        )
    )
    assert [node.label for node in scope.nodes() if node.kind == "entry"] == [f"{words} fails"]


def test_a_single_catch_is_an_edge_of_its_own() -> None:
    """One state that goes another way on an error shows that way."""
    scope = scope_of(machine(A=task("C", Catch=caught("B")), B=task("C"), C={"Type": "Succeed"}))
    assert scope.failure is None
    (edge,) = (edge for edge in scope.flow.edges if edge.is_catch)
    assert (edge.source, edge.target, edge.label, edge.about) == ("A", "B", "on error", "on States.ALL")


def test_a_way_back_from_the_failures_is_a_jump() -> None:
    """No line crosses from one part into the other: the jump names the states that it stands for."""
    scope = scope_of(
        machine(
            A=task("B", Catch=caught("Again?")),
            B=task("C", Catch=caught("Again?")),
            C={"Type": "Succeed"},
            **{
                "Again?": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.b", "IsPresent": True, "Next": "B"}],
                    "Default": "A",
                }
            },
        )
    )
    assert scope.failure is not None
    (jump,) = (node for node in scope.failure.nodes if node.kind == "jump")
    assert [(way.label, way.target) for way in jump.ways] == [("has b", "B"), ("otherwise", "A")]


def test_rules_that_lead_to_one_state_are_one_edge() -> None:
    """The label says both conditions."""
    rules: list[dict[str, Any]] = [
        {"Variable": "$.a", "IsPresent": True, "Next": "B"},
        {"Variable": "$.c", "BooleanEquals": False, "Next": "B"},
    ]
    scope = scope_of(machine(A={"Type": "Choice", "Choices": rules, "Default": "B"}, B={"Type": "Succeed"}))
    (edge,) = (edge for edge in scope.flow.edges if edge.source == "A")
    assert edge.label == "has a or not c or otherwise"


def test_a_map_holds_its_processor() -> None:
    """At any depth, with numbers of its own for its errors."""
    (outer,) = (node for node in scope_of(NESTED).flow.nodes if node.kind == "map")
    (inner,) = (node for node in outer.inside[0].flow.nodes if node.kind == "map")
    assert (outer.detail, inner.detail) == ("for each item", "for each of folds")
    assert {node.key for node in inner.inside[0].nodes()} >= {"Train", "Score", "Keep failure", "error 1"}


def test_a_wait_tells_how_long() -> None:
    """In seconds where the definition knows them."""
    assert next(node.detail for node in scope_of(LOOP).nodes() if node.kind == "wait") == "5 s"
