"""States become a machine."""

from typing import Any, cast

import pytest

from headrace.errors import DefinitionError
from headrace_aws.asl.expressions import path
from headrace_aws.asl.retries import catch
from headrace_aws.asl.states import (
    Fields,
    Rule,
    choice,
    compute,
    each,
    end,
    is_present,
    machine,
    succeed,
    task,
)


def states_of(definition: Fields) -> dict[str, Any]:
    return cast("dict[str, Any]", definition["States"])


def test_a_state_goes_on_to_the_one_below() -> None:
    """The order of writing is the order of running, unless `then` says otherwise."""
    definition = machine(
        "Count.",
        compute("First", {"one": 1}),
        compute("Second", {"two": 2}, then="Last"),
        compute("Aside", {"three": 3}),
        succeed("Last", path("$")),
    )
    assert definition["StartAt"] == "First"
    states = states_of(definition)
    assert [states[name].get("Next") for name in states] == ["Second", "Last", "Last", None]


def test_a_choice_goes_by_its_rules() -> None:
    """A choice has a target for each rule and one for the rest, and no Next."""
    definition = machine(
        "Choose.",
        choice("Any?", Rule(is_present("$.x"), then="Last"), otherwise="Last"),
        succeed("Last", path("$")),
    )
    assert states_of(definition)["Any?"] == {
        "Type": "Choice",
        "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Last"}],
        "Default": "Last",
    }


def test_the_last_state_must_end() -> None:
    """A machine that runs off its end is refused where it is built."""
    with pytest.raises(DefinitionError, match="'Only' is the last and goes nowhere"):
        machine("Endless.", compute("Only", {}))


def test_names_are_unique() -> None:
    """Two states of one name would silently become one."""
    with pytest.raises(DefinitionError, match="two states are named 'Twice'"):
        machine("Twice.", compute("Twice", {}), succeed("Twice", path("$")))


def test_an_answer_is_dropped_unless_placed() -> None:
    """A task without `at` leaves the data as it was: its ResultPath is null."""
    state = task("Tell", "sns:publish", {"TopicArn": "${TopicArn}"}, timeout_seconds=60)
    assert state.fields["ResultPath"] is None


def test_each_runs_its_states_per_item() -> None:
    """A Map state holds a machine of its own, whose last state ends it."""
    inner = end(compute("Square", {"of": path("$.number")}))
    definition = machine(
        "Squares.",
        each("Each number", path("$.numbers"), {"number": path("$$.Map.Item.Value")}, inner,
             concurrency=3, at="$.squares", catch=catch("Done")),
        succeed("Done", path("$.squares")),
    )  # fmt: skip
    state = states_of(definition)["Each number"]
    assert state["ItemSelector"] == {"number.$": "$$.Map.Item.Value"}
    assert state["ItemProcessor"]["StartAt"] == "Square"
    assert state["ItemProcessor"]["States"]["Square"]["End"] is True
    assert (state["MaxConcurrency"], state["Next"]) == (3, "Done")


def test_catchers_leave_nothing_uncaught() -> None:
    """States.ALL stands alone and last; the two errors that it does not match are named before it."""
    first, last = catch("Explain")
    assert first["ErrorEquals"] == ["States.DataLimitExceeded", "States.Runtime"]
    assert last["ErrorEquals"] == ["States.ALL"]
    assert first["Next"] == last["Next"] == "Explain"
