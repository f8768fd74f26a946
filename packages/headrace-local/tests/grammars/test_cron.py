"""When a schedule is due."""

from datetime import UTC, datetime

import pytest

from headrace_local.grammars.cron import ExpressionError, next_due, parsed

ANCHOR = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "after", "zone", "expected"),
    [
        ("rate(1 minute)", "2026-01-01T00:00:30", "UTC", "2026-01-01T00:01:30"),
        ("rate(5 minutes)", "2026-01-01T00:07:00", "UTC", "2026-01-01T00:10:30"),
        ("rate(1 day)", "2025-12-01T00:00:00", "UTC", "2026-01-01T00:00:30"),
        ("at(2026-07-01T12:00:00)", "2026-01-01T00:00:00", "Europe/Berlin", "2026-07-01T10:00:00"),
        ("at(2026-07-01T12:00:00)", "2026-07-01T10:00:00", "Europe/Berlin", None),
        ("cron(0 6 * * ? *)", "2026-01-01T06:00:00", "UTC", "2026-01-02T06:00:00"),
        ("cron(0/15 * * * ? *)", "2026-01-01T06:14:59", "UTC", "2026-01-01T06:15:00"),
        ("cron(5,35 8-17 ? * MON-FRI *)", "2026-01-02T17:35:00", "UTC", "2026-01-05T08:05:00"),
        ("cron(0 0 ? * FRI-MON *)", "2026-01-05T00:00:00", "UTC", "2026-01-09T00:00:00"),
        ("cron(0 12 ? * 2 *)", "2026-01-01T00:00:00", "UTC", "2026-01-05T12:00:00"),
        ("cron(0 0 L * ? *)", "2026-02-01T00:00:00", "UTC", "2026-02-28T00:00:00"),
        ("cron(0 0 1W * ? *)", "2026-07-31T12:00:00", "UTC", "2026-08-03T00:00:00"),
        ("cron(0 0 LW * ? *)", "2026-01-01T00:00:00", "UTC", "2026-01-30T00:00:00"),
        ("cron(0 0 ? * 6L *)", "2026-01-01T00:00:00", "UTC", "2026-01-30T00:00:00"),
        ("cron(0 0 ? * TUE#2 *)", "2026-01-01T00:00:00", "UTC", "2026-01-13T00:00:00"),
        ("cron(0 0 ? * 3#5 *)", "2026-01-01T00:00:00", "UTC", "2026-03-31T00:00:00"),
        ("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00", "UTC", "2028-02-29T00:00:00"),
        ("cron(0 0 1 JAN,JUL ? 2027-2028)", "2026-01-01T00:00:00", "UTC", "2027-01-01T00:00:00"),
        ("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00", "UTC", None),
        # Winter and summer time; 02:30 on 29 March does not exist, on 25 October it comes twice and counts once.
        ("cron(0 6 * * ? *)", "2026-01-10T12:00:00", "Europe/Berlin", "2026-01-11T05:00:00"),
        ("cron(0 6 * * ? *)", "2026-07-10T12:00:00", "Europe/Berlin", "2026-07-11T04:00:00"),
        ("cron(30 2 * * ? *)", "2026-03-28T12:00:00", "Europe/Berlin", "2026-03-30T00:30:00"),
        ("cron(30 2 * * ? *)", "2026-10-24T12:00:00", "Europe/Berlin", "2026-10-25T00:30:00"),
        ("cron(30 2 * * ? *)", "2026-10-25T00:30:00", "Europe/Berlin", "2026-10-26T01:30:00"),
        ("cron(0 23 31 12 ? *)", "2026-12-31T23:30:00", "America/New_York", "2027-01-01T04:00:00"),
    ],
)
def test_a_schedule_is_next_due(expression: str, after: str, zone: str, expected: str | None) -> None:
    """Each row: an expression, a moment and a zone, and when it is first due after that moment, in UTC."""
    due = next_due(expression, moment(after), ANCHOR, zone)
    assert due == (moment(expected) if expected else None)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(2 hour)",
        "rate(1 second)",
        "at(2026-13-01T00:00:00)",
        "at(2026-01-01)",
        "cron(0 6 * * *)",
        "cron(0 6 * * * *)",
        "cron(0 6 ? * ? *)",
        "cron(60 6 * * ? *)",
        "cron(0 6 32 * ? *)",
        "cron(0 6 ? * 8 *)",
        "cron(0 6 * FOO ? *)",
        "cron(0/0 6 * * ? *)",
        "cron(0 6 L-x * ? *)",
        "cron(0 6 ? * MON#9 *)",
        "cron(1e1 6 * * ? *)",
        "rate(99999999999999999999 days)",
        "every morning",
        "",
    ],
)
def test_an_expression_that_aws_would_refuse_is_refused(expression: str) -> None:
    """The message names the expression."""
    with pytest.raises(ExpressionError, match="Invalid Schedule Expression") as caught:
        parsed(expression)
    assert "base 10" not in str(caught.value)  # as Python says of a text that is no number
