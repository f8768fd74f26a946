"""Numbers as text: the template's filters. A figure that does not exist is a dash."""

MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"  # as wide as a digit, so that columns line up
THOUSAND = 1000


def count(value: int) -> str:
    """Return a count with separators: 65,469."""
    return f"{value:,}"


def figure(value: float | None) -> str:
    """Return a metric, a limit or a score with four decimals."""
    return MISSING if value is None else f"{value:.4f}"


def signed(value: float) -> str:
    """Return a difference with its sign and four decimals."""
    return f"{value:+.4f}".replace("-", MINUS, 1)


def percent(value: float | None) -> str:
    """Return a share as a percentage with one decimal."""
    return MISSING if value is None else f"{value:.1%}".replace("-", MINUS, 1)


def quantity(value: float | None) -> str:
    """Return a number of any size in a few digits: 1,234,568 or 12.3 or 0.00123."""
    if value is None:
        return MISSING
    text = f"{value:,.0f}" if abs(value) >= THOUSAND else f"{value:.3g}"
    return text.replace("-", MINUS, 1) if value < 0 else text


def factor(value: float | None) -> str:
    """Return a ratio with two decimals."""
    return MISSING if value is None else f"{value:.2f}"


def moment(value: str) -> str:
    """Return an ISO 8601 time to the minute, without its T: 2013-10-21 05:00."""
    return value.replace("T", " ")[:16] or MISSING


def day(value: str) -> str:
    """Return the day of an ISO 8601 time."""
    return value[:10] or MISSING
