"""Definitions of a state machine, compared state by state."""

from typing import Any

from headrace_aws.plan.machines import FieldChange, Machine, machine_change, machine_changes
from headrace_aws.plan.section_machines import machines_section


def machine(pipeline: str = "training", **states: Any) -> Machine:
    return Machine(pipeline, {"StartAt": next(iter(states), ""), "States": states}, {})


class TestOneMachine:
    def test_states_by_name(self) -> None:
        """A state that is moved is no change; one that is renamed is removed and added."""
        before = machine(A={"Type": "Pass"}, B={"Type": "Wait"}, C={"Type": "Succeed"})
        after = machine(A={"Type": "Pass"}, C={"Type": "Succeed"}, D={"Type": "Wait"})
        change = machine_change(before, after)
        assert (change.added, change.removed, change.changed) == (["D"], ["B"], {})

    def test_fields_at_any_depth(self) -> None:
        """A field has its path; what is not on one side is None; a list of another length is one value."""
        before = machine(A={"Parameters": {"X": [{"Type": "small"}], "Y": [1]}, "TimeoutSeconds": 5})
        after = machine(A={"Parameters": {"X": [{"Type": "large"}], "Y": [1, 2]}, "Next": "B"})
        assert machine_change(before, after).changed == {
            "A": (
                FieldChange("Parameters.X[0].Type", "small", "large"),
                FieldChange("Parameters.Y", [1], [1, 2]),
                FieldChange("TimeoutSeconds", 5, None),
                FieldChange("Next", None, "B"),
            )
        }

    def test_states_inside_of_a_map_and_of_branches(self) -> None:
        """They are named after the state that holds them, whose own fields are compared apart."""

        def nested(seconds: int, concurrency: int) -> Machine:
            inner = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds}}}
            return machine(
                Each={"Type": "Map", "MaxConcurrency": concurrency, "ItemProcessor": inner},
                Both={"Type": "Parallel", "Branches": [inner, inner]},
            )

        assert machine_change(nested(1, 2), nested(3, 4)).changed == {
            "Each": (FieldChange("MaxConcurrency", 2, 4),),
            "Each / W": (FieldChange("Seconds", 1, 3),),
            "Both / branch 1 / W": (FieldChange("Seconds", 1, 3),),
            "Both / branch 2 / W": (FieldChange("Seconds", 1, 3),),
        }

    def test_what_the_machine_says_of_itself(self) -> None:
        """Where it starts is a field without a state."""
        change = machine_change(machine(A={}, B={}), machine(B={}, A={}))
        assert change.changed == {"": (FieldChange("StartAt", "A", "B"),)}


class TestTheSection:
    def test_a_definition_that_cannot_be_read_is_reported(self) -> None:
        """Without the deployed definition nothing is compared, and nothing is called the same."""
        lost = Machine("training", {}, {}, "the deployed definition x cannot be read: no such key")
        lines = machines_section({"m": ({"training": lost}, {"training": machine(A={})})}, 8000)
        assert "- **training**: the deployed definition x cannot be read: no such key" in lines

    def test_pipelines_come_and_go(self) -> None:
        """A state machine that is on one side only is named, and its states are not listed."""
        lines = machines_section({"m": ({"a": machine("a")}, {"b": machine("b", New={})})}, 8000)
        assert lines[2:4] == ["- new: b", "- removed: a"]
        assert machine_changes({"a": machine("a")}, {"b": machine("b", New={})}) == []

    def test_long_changes_are_folded_and_fields_counted(self) -> None:
        """Never a wall: a state tells twelve fields and how many more, and many lines are folded."""
        before = machine(**{f"S{n}": {f"F{m}": 0 for m in range(14)} for n in range(3)})
        after = machine(**{f"S{n}": {f"F{m}": 1 for m in range(14)} for n in range(3)})
        text = "\n".join(machines_section({"m": ({"training": before}, {"training": after})}, 8000))
        assert text.count("    - and 2 more fields") == 3
        assert "<details>" in text
