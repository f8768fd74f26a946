"""The shape of a definition is checked before anything looks into it."""

from typing import Any

import pytest

from headrace_local.grammars.asl_shape import faults_of_shape


def machine(**state: Any) -> dict[str, Any]:
    """A state machine of one state."""
    return {"StartAt": "A", "States": {"A": {"Type": "Pass", **state}}}


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        ([1], "a state machine must be an object at /"),
        ({"StartAt": 3}, "StartAt must be a text at /StartAt"),
        ({"States": []}, "States must be an object at /States"),
        ({"States": {"A": 3}}, "a state must be an object at /States/A"),
        (machine(Type=None), "Type must be a text at /States/A/Type"),
        (machine(Resource=5), "Resource must be a text at /States/A/Resource"),
        (machine(Parameters=[]), "Parameters must be an object at /States/A/Parameters"),
        (machine(Retry={}), "Retry must be a list of objects at /States/A/Retry"),
        (machine(Catch=[1]), "Catch must be a list of objects at /States/A/Catch"),
        (machine(Choices="x"), "Choices must be a list of objects at /States/A/Choices"),
        (machine(Branches={}), "Branches must be a list at /States/A/Branches"),
        (machine(Branches=[3]), "a state machine must be an object at /States/A/Branches/0"),
        (machine(ItemProcessor=[]), "a state machine must be an object at /States/A/ItemProcessor"),
        (machine(Iterator=machine(Next=1)), "Next must be a text at /States/A/Iterator/States/A/Next"),
    ],
)
def test_another_type_is_reported_with_its_place(definition: object, fault: str) -> None:
    """In place of an error inside a linter."""
    assert list(faults_of_shape(definition)) == [fault]


def test_a_definition_has_no_fault() -> None:
    """Nor has a machine in a machine."""
    inner = machine(Next="B")
    assert (
        list(faults_of_shape(machine(ItemProcessor=inner, Branches=[inner], Retry=[{}], Parameters={}))) == []
    )
