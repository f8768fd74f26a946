"""Numbers are written short, lined up, and never as a float's raw digits."""

import pytest

from headrace.report import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, numbers.MISSING),
        (0.0, "0"),
        (12.345, "12.3"),
        (0.00123456, "0.00123"),
        (-4.5, f"{numbers.MINUS}4.5"),
        (1234567.8, "1,234,568"),
        (-98765.4, f"{numbers.MINUS}98,765"),
    ],
)
def test_quantity(value: float | None, text: str) -> None:
    """A number of any size takes a few digits."""
    assert numbers.quantity(value) == text


def test_figures_that_do_not_exist_are_dashes() -> None:
    """A metric, a share and a ratio may be missing."""
    assert {numbers.figure(None), numbers.percent(None), numbers.factor(None)} == {numbers.MISSING}


def test_moment_and_day() -> None:
    """A time is cut to the minute or to the day; a part of the data without rows has none."""
    assert numbers.moment("2013-10-21T05:00:00Z") == "2013-10-21 05:00"
    assert numbers.day("2013-10-21T05:00:00Z") == "2013-10-21"
    assert numbers.day("") == numbers.MISSING
