"""The cost of a run and of a month, before and after."""

from collections.abc import Iterable, Sequence

from headrace_aws.markdown import code, details, plain, table, within
from headrace_aws.plan.cost import AT_MOST, ONE_ITEM, Cost, Line
from headrace_aws.plan.prices import Prices

_CENT = 0.01
_SAME = 0.000_05


def cost_section(
    of_a_run: Sequence[Line], of_a_month: Sequence[Line], prices: Prices, region: str, room: int
) -> list[str]:
    """Return the section: runs, the month with its sum, and what the figures rest on."""
    head = [prices.currency, "now:", "after:", "difference:", "from"]
    listed = [*of_a_run, *of_a_month]
    changing, same = (
        [_row(line) for line in listed if (signed(line.difference) == "0") is is_same]
        for is_same in (False, True)
    )
    total = [f"**{cell}**" if cell else "" for cell in _row(monthly(of_a_month))]
    lines = ["### Cost", "", *within([*table(head, [*changing, total])], room // 2, "rows"), ""]
    if same:
        lines += [*details("What stays", within(table(head, same), room // 2, "rows")), ""]
    return [*lines, *_notes(listed, prices, region), ""]


def monthly(lines: Iterable[Line]) -> Line:
    """Return the sum of lines."""
    listed = list(lines)
    sides = [
        sum((cost for cost in costs if cost), Cost())
        for costs in ([line.before for line in listed], [line.after for line in listed])
    ]
    has_before = any(line.before is not None for line in listed)
    return Line("a month", sides[0] if has_before else None, sides[1])


def dollars(amount: float) -> str:
    """Return an amount; less than a cent has four decimals."""
    return f"{amount:,.2f}" if abs(amount) >= _CENT or abs(amount) < _SAME else f"{amount:,.4f}"


def signed(amount: float) -> str:
    """Return a difference with its sign."""
    return "0" if abs(amount) < _SAME else f"{'+' if amount > 0 else '-'}{dollars(abs(amount))}"


def _row(line: Line) -> list[str]:
    return [
        plain(line.name.removeprefix("AWS::")),
        _cost(line.before),
        _cost(line.after),
        signed(line.difference),
        plain(line.basis),
    ]


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return "-"
    return f"{dollars(cost.dollars)} + ?" if cost.unknown else dollars(cost.dollars)


def _notes(lines: Sequence[Line], prices: Prices, region: str) -> list[str]:
    unknown = sorted(
        {name for line in lines for cost in (line.before, line.after) if cost for name in cost.unknown}
    )
    notes = []
    if unknown:
        notes.append(
            f"- `?`: no figure is known of {', '.join(map(code, unknown))}; a price belongs into "
            f"`infra/prices.toml`. The sums are too low by it."
        )
    if any(line.basis.startswith((AT_MOST, ONE_ITEM)) for line in lines):
        notes.append(
            "- Where no run is recorded, each job counts until its limit of time, once and without retries."
        )
    if any(line.basis.startswith("run ") for line in lines):
        notes.append("- Of a recorded run its times count, on another instance type too.")
    elsewhere = f" Those of {region} differ, often by a tenth or two." if region != prices.region else ""
    notes.append(
        f"- List prices on demand in {prices.region}, of {prices.as_of}, in `infra/prices.toml` with their "
        f"sources.{elsewhere} Spot is counted in full."
    )
    left_out = ", ".join(f"{plain(name)} ({price:g})" for name, price in prices.not_counted.prices.items())
    return [*notes, f"- Not counted: {left_out}, transfer, logs."]
