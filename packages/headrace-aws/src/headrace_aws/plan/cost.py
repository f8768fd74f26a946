"""Estimate what a run and a month cost before and after, from the price table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from headrace_aws.plan.jobs import Job, RecordedRun, jobs, started_machines, state_count
from headrace_aws.plan.machines import Machine
from headrace_aws.plan.prices import Prices
from headrace_aws.plan.schedule import runs_per_month
from headrace_aws.plan.view import View

AT_MOST = "at most"  # no run is recorded
ONE_ITEM = "with one item of its map"  # nor is it known how many a run has
_HOUR = 3600
_SCHEDULE = "AWS::Scheduler::Schedule"
_ENDPOINT = "AWS::EC2::VPCEndpoint"


@dataclass(frozen=True)
class Cost:
    """US dollars, and the names of what has no price in the table: then the figure is too low."""

    dollars: float = 0.0
    unknown: frozenset[str] = frozenset()

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.dollars + other.dollars, self.unknown | other.unknown)

    def times(self, number: float) -> "Cost":
        """Return the cost of so many of it."""
        return Cost(self.dollars * number, self.unknown if number else frozenset())


@dataclass(frozen=True)
class Schedule:
    """A schedule of a pipeline, and its runs in a month; None where the expression gives no number."""

    pipeline: str
    expression: str
    runs: float | None


@dataclass(frozen=True)
class Line:
    """A figure before and after; None is a side that does not have it."""

    name: str
    before: Cost | None
    after: Cost | None
    basis: str = ""

    @property
    def difference(self) -> float:
        """By how many dollars it grows."""
        return (self.after or Cost()).dollars - (self.before or Cost()).dollars


@dataclass(frozen=True)
class Side:
    """The state machines and the schedules of a model, on one side."""

    machines: Mapping[str, Machine] = field(default_factory=dict)
    schedules: Sequence[Schedule] = ()


def run_lines(
    before: Side, after: Side, known: Mapping[str, RecordedRun], prices: Prices, prefix: str
) -> list[Line]:
    """Return the cost of a run of each pipeline that has jobs, or starts one that has; `prefix` begins their names."""
    lines = []
    for pipeline in {**before.machines, **after.machines}:
        if any(_has_jobs(side.machines, pipeline) for side in (before, after)):
            former, latter = (
                run_cost(side.machines, pipeline, known, prices) if pipeline in side.machines else None
                for side in (before, after)
            )
            name = f"{prefix}a run of {pipeline}"
            lines.append(Line(name, former, latter, _basis(pipeline, after, known)))
    return lines


def month_lines(
    before: Side, after: Side, known: Mapping[str, RecordedRun], prices: Prices, prefix: str
) -> list[Line]:
    """Return the cost of a month of each schedule."""
    names = dict.fromkeys(each.pipeline for side in (before, after) for each in side.schedules)
    lines = []
    for pipeline in names:
        of_before, of_after = (
            [each for each in side.schedules if each.pipeline == pipeline] for side in (before, after)
        )
        former = _scheduled(of_before, before, known, prices)
        latter = _scheduled(of_after, after, known, prices)
        words = [", ".join(map(_often, each)) or "not scheduled" for each in (of_before, of_after)]
        basis = words[1] if words[0] == words[1] or not before.machines else f"{words[0]}; then {words[1]}"
        lines.append(Line(f"{prefix}{pipeline} by schedule", former, latter, basis))
    return lines


def resource_lines(before: Iterable[View], after: Iterable[View], prices: Prices) -> list[Line]:
    """Return the cost of a month of each type of resource that costs by being there."""
    former, latter = _counts(before, prices), _counts(after, prices)
    return [
        Line(
            kind,
            _price(kind, former, prices),
            _price(kind, latter, prices),
            _counted(former.get(kind), latter.get(kind)),
        )
        for kind in {**former, **latter}
    ]


def run_cost(
    machines: Mapping[str, Machine], pipeline: str, known: Mapping[str, RecordedRun], prices: Prices
) -> Cost:
    """Return what a run costs: of the newest recorded run's times, else of each job's limit of time.

    A job that the recorded run did not begin costs nothing, save one that no run can have begun yet: its limit.
    """
    machine = machines[pipeline]
    past = known.get(pipeline)
    transitions = past.transitions if past else state_count(machine)
    total = Cost(transitions * prices.transition)
    for job in jobs(machine):
        total += _job_cost(job, past, prices)
    for arn in started_machines(machine):
        inner = _pipeline(arn, machines)
        if inner:
            total += run_cost(machines, inner, known, prices)
    return total


def schedules(automation: View | None, machines: Iterable[str]) -> list[Schedule]:
    """Return the schedules of an automation stack that are enabled, with the pipeline that each starts."""
    if automation is None:
        return []
    pipelines = list(machines)
    return [
        Schedule(
            _pipeline(str(each.properties["Target"]["Arn"]), pipelines) or name,
            each.properties["ScheduleExpression"],
            runs_per_month(each.properties["ScheduleExpression"]),
        )
        for name, each in automation.of_type(_SCHEDULE)
        if each.properties.get("State", "ENABLED") == "ENABLED"
    ]


def _job_cost(job: Job, past: RecordedRun | None, prices: Prices) -> Cost:
    if past and job.state not in past.seconds and job.state in past.possible:
        return Cost()
    seconds = past.seconds[job.state] if past and job.state in past.seconds else job.seconds
    if seconds is None:
        return Cost(0.0, frozenset({f"a limit of time of {job.state!r}"}))
    hours = seconds / _HOUR * job.instance_count
    volume = hours * job.volume_gb * prices.volume_gb_hour
    hourly = prices.instance_hour.prices.get(job.instance_type)
    if hourly is None:
        return Cost(volume, frozenset({job.instance_type}))
    return Cost(volume + hours * hourly)


def _scheduled(
    here: Sequence[Schedule], side: Side, known: Mapping[str, RecordedRun], prices: Prices
) -> Cost | None:
    if not here:
        return None
    total = Cost()
    for each in here:
        if each.runs is None:
            total += Cost(0.0, frozenset({each.expression}))
        elif each.pipeline in side.machines:
            total += run_cost(side.machines, each.pipeline, known, prices).times(each.runs)
    return total


def _has_jobs(machines: Mapping[str, Machine], pipeline: str) -> bool:
    return pipeline in machines and bool(jobs(machines[pipeline]) or started_machines(machines[pipeline]))


def _basis(pipeline: str, after: Side, known: Mapping[str, RecordedRun]) -> str:
    if pipeline in known:
        return f"run {known[pipeline].run.name}"
    machine = after.machines.get(pipeline)
    if machine and any(job.in_map for job in jobs(machine)):
        return ONE_ITEM
    inner = [_pipeline(arn, after.machines) for arn in started_machines(machine)] if machine else []
    if inner:
        return f"at most, with a run of {inner[0]}"
    return AT_MOST


def _pipeline(arn: str, pipelines: Iterable[str]) -> str | None:
    """Return the pipeline of a state machine's ARN, whose name ends with it."""
    return next((name for name in pipelines if arn.endswith(f"-{name}")), None)


def _often(schedule: Schedule) -> str:
    times = f"{schedule.runs:.1f} runs a month" if schedule.runs is not None else "number of runs unknown"
    return f"{schedule.expression}: {times}"


def _counts(views: Iterable[View], prices: Prices) -> dict[str, int]:
    """Return how many there are of each type that has a price; an endpoint counts in each of its zones."""
    found: dict[str, int] = {}
    for view in views:
        for resource in view.resources.values():
            if resource.type not in prices.resource_month.prices:
                continue
            count = 1
            if resource.type == _ENDPOINT:
                if resource.properties.get("VpcEndpointType", "Gateway") != "Interface":
                    continue
                count = len(resource.properties.get("SubnetIds", [1]))
            found[resource.type] = found.get(resource.type, 0) + count
    return found


def _price(kind: str, counts: Mapping[str, int], prices: Prices) -> Cost | None:
    return Cost(counts[kind] * prices.resource_month.prices[kind]) if kind in counts else None


def _counted(before: int | None, after: int | None) -> str:
    return f"{after or 0}" if before in {None, after} else f"{before}, then {after or 0}"
