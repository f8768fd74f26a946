"""Markdown that is made from names and values that may hold anything."""

import re

import pytest

from headrace_aws.markdown import code, pair, plain, table, within
from headrace_aws.plan.changes import StackPlan
from headrace_aws.plan.machines import Machine
from headrace_aws.plan.section_machines import machines_section
from headrace_aws.plan.section_resources import resources_section
from headrace_aws.plan.view import View
from headrace_aws.stacks.change_set import Change

HOSTILE = "x`|<img src=x>\n## @everyone [a](http://b) <!-- headrace:end -->"


class TestText:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("plain", "`plain`"),
            ("", "(empty)"),
            ("a\nb", "`a b`"),
            ("`", "`` ` ``"),
            ("a``b", "```a``b```"),
        ],
    )
    def test_code_ends_where_it_should(self, text: str, expected: str) -> None:
        """No backtick inside ends the span, and it is one line."""
        assert code(text) == expected

    def test_plain_text_means_nothing(self) -> None:
        """No markup, no HTML, no comment, no mention, no link."""
        line = plain(HOSTILE)
        assert "\n" not in line
        assert "<" not in line
        assert "@everyone" not in line
        assert re.search(r"(?<!\\)[`|#\[\]]", line) is None
        assert "http://" not in line

    def test_a_long_text_is_shortened(self) -> None:
        """What is quoted stays short, and two long texts are shown where they begin to differ."""
        assert len(code("x" * 1000)) < 200
        before, after = pair("x" * 500 + "old", "x" * 500 + "new")
        assert (before, after) == ("…" + "x" * 20 + "old", "…" + "x" * 20 + "new")

    def test_lists_stay_within_their_room(self) -> None:
        """What does not fit is counted."""
        assert within(["12345", "12345", "12345"], 13, "lines") == [
            "12345",
            "12345",
            "- and 1 more lines, for which there is no room here",
        ]


class TestSections:
    def test_a_table_keeps_its_columns(self) -> None:
        """A pipe in a cell is no column, in code as well."""
        [*_, row] = table(["a", "b"], [[code("x|y"), "z"]])
        assert row == "| `x\\|y` | z |"

    def test_hostile_names_of_resources(self) -> None:
        """A resource's name and type stay in their cells."""
        view = View("s", {}, {}, {})
        plan = StackPlan(None, view, view, [Change("Add", HOSTILE, HOSTILE, "", (HOSTILE,))])
        row = next(line for line in resources_section([plan], [], 8000) if line.startswith("| added"))
        assert len(re.findall(r"(?<!\\)\|", row)) == 5

    def test_hostile_names_and_values_of_states(self) -> None:
        """A state's name and its fields stay in their lines."""
        before = Machine("training", {"States": {HOSTILE: {"Comment": "a"}}}, {})
        after = Machine("training", {"States": {HOSTILE: {"Comment": HOSTILE}, "New": {}}}, {})
        lines = machines_section({"m": ({"training": before}, {"training": after})}, 8000)
        assert [line for line in lines if line.startswith("#")] == ["### State machines"]
        [changed] = [line for line in lines if "changed ``" in line]
        # Outside of code there is nothing of it.
        assert "<" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", changed)
        assert "  - added `New`" in lines
