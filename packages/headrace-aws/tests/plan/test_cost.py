"""What a run and a month cost, reckoned by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from headrace_aws.plan.cost import AT_MOST, ONE_ITEM, Side, month_lines, resource_lines, run_lines, schedules
from headrace_aws.plan.jobs import RecordedRun, state_count
from headrace_aws.plan.machines import Machine
from headrace_aws.plan.prices import Prices, load_prices
from headrace_aws.plan.schedule import runs_per_month
from headrace_aws.plan.section_cost import cost_section, dollars, signed
from headrace_aws.plan.view import Resource, View
from headrace_aws.runs.records.run_record import RunRecord

ROUND = {
    "region": "us-east-1",
    "as_of": "2026-11-22",
    "currency": "USD",
    "instance_hour": {"ml.small": 1.0, "ml.large": 4.0},
    "volume_gb_month": {"ssd": 7.3},  # a cent for a GB and an hour
    "state_transition": {"standard": 0.001},
    "resource_month": {"AWS::KMS::Key": 1.0, "AWS::EC2::VPCEndpoint": 7.3},
    "not_counted": {"a GB in S3 for a month": 0.02},
}


@pytest.fixture
def prices() -> Prices:
    """Round figures, so that they can be reckoned by hand."""
    return Prices.model_validate(
        {
            name: (
                {"source": "here", "as_of": "2026-11-22", "prices": value}
                if isinstance(value, dict)
                else value
            )
            for name, value in ROUND.items()
        }
    )


def job(instance_type: str = "ml.small", count: int = 1, seconds: int = 3600) -> dict[str, Any]:
    """Return a state that runs a job of 10 GB a machine."""
    cluster = {"InstanceType": instance_type, "InstanceCount": count, "VolumeSizeInGB": 10}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": seconds},
        },
    }


def machine(pipeline: str, **states: Any) -> Machine:
    return Machine(
        pipeline, {"StartAt": "x", "States": states}, {"Training": "arn:a:stateMachine:p-m-training"}
    )


def side(*machines: Machine, **runs: str) -> Side:
    """Return state machines, and schedules by pipeline."""
    by_name = {each.pipeline: each for each in machines}
    resources = {
        pipeline: Resource(
            "AWS::Scheduler::Schedule",
            {
                "ScheduleExpression": expression,
                "Target": {"Arn": f"arn:aws:states:::stateMachine:p-m-{pipeline}"},
            },
            has_state=False,
        )
        for pipeline, expression in runs.items()
    }
    return Side(by_name, schedules(View("automation", {}, resources, {}), by_name))


def recorded_run(transitions: int, **seconds: float) -> RecordedRun:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    run = RunRecord(
        model="m",
        run="r",
        pipeline="training",
        execution="a:name",
        status="measured",
        started_at=now,
        ended_at=now,
    )
    return RecordedRun(run, seconds, transitions, frozenset({"A", "B"}))


class TestARun:
    def test_at_most_is_each_job_until_its_limit(self, prices: Prices) -> None:
        """Without a record: hours by machines by price, volumes and one transition a state."""
        # A: 1 h of 1 machine at 1.00 + 10 GB; B: half an hour of 2 machines at 4.00 + 20 GB; 2 transitions.
        by_hand = (1.00 + 0.10) + 0.5 * 2 * (4.00 + 0.10) + 0.002
        two = side(machine("training", A=job(), B=job("ml.large", 2, 1800)))
        [line] = run_lines(two, two, {}, prices, "m: ")
        assert line.after is not None
        assert line.after.dollars == pytest.approx(by_hand)
        assert (line.difference, line.basis, line.name) == (0, AT_MOST, "m: a run of training")

    def test_recorded_times_count_on_another_machine_too(self, prices: Prices) -> None:
        """A state that the run was in costs its time, one that it passed by nothing, and a new one its limit."""
        before = side(machine("training", A=job(), B=job()))
        after = side(machine("training", A=job("ml.large"), B=job(), C=job(seconds=360)))
        [line] = run_lines(before, after, {"training": recorded_run(7, A=1800)}, prices, "m: ")
        assert line.before is not None
        assert line.after is not None
        assert line.before.dollars == pytest.approx(0.5 * 1.10 + 0.007)
        assert line.after.dollars == pytest.approx(0.5 * 4.10 + 0.1 * 1.10 + 0.007)
        assert line.basis == "run name"

    def test_a_pipeline_that_starts_another_costs_both(self, prices: Prices) -> None:
        """A retraining is its own steps and a run of training."""
        start = {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "${Training}"},
        }
        both = side(machine("training", A=job()), machine("retraining", T=start))
        by_name = {line.name: line for line in run_lines(both, both, {}, prices, "m: ")}
        after = by_name["m: a run of retraining"].after
        assert after is not None
        assert after.dollars == pytest.approx(1.10 + 0.001 + 0.001)

    def test_jobs_inside_a_map_count(self, prices: Prices) -> None:
        """A job of a map's iteration is found where it is; how many there are is not known, and that is said."""
        each = {"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": {"A": job()}}}
        mapped = machine("training", Each=each)
        assert state_count(mapped) == 2
        [line] = run_lines(Side(), side(mapped), {}, prices, "m: ")
        assert (line.before, line.basis) == (None, ONE_ITEM)
        assert line.difference == pytest.approx(1.10 + 0.002)

    def test_an_unknown_instance_type_is_named_and_not_guessed(self, prices: Prices) -> None:
        """What has no price is reported by its name, and the figure is marked as too low."""
        unknown = side(machine("training", A=job("ml.new.huge")))
        lines = run_lines(unknown, unknown, {}, prices, "m: ")
        text = "\n".join(cost_section(lines, [], prices, "eu-west-1", 8000))
        assert "| m: a run of training | 0.10 + ? | 0.10 + ? | 0 | at most |" in text
        assert "no figure is known of `ml.new.huge`" in text
        assert "Those of eu-west-1 differ" in text


class TestAMonth:
    def test_a_schedule_costs_its_runs(self, prices: Prices) -> None:
        """From once to twice a day: the cost of a run by the runs of a month."""
        training = machine("training", A=job())
        before, after = side(training, training="rate(1 day)"), side(training, training="rate(12 hours)")
        [line] = month_lines(before, after, {}, prices, "m: ")
        run, days = 1.10 + 0.001, 730 / 24
        assert line.before is not None
        assert line.before.dollars == pytest.approx(run * days)
        assert line.difference == pytest.approx(run * days)

    def test_an_endpoint_costs_in_each_of_its_zones(self, prices: Prices) -> None:
        """Resources cost by being there; a gateway endpoint costs nothing."""
        endpoint = "AWS::EC2::VPCEndpoint"
        interface = {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b"]}
        resources = {
            "Key": Resource("AWS::KMS::Key", {}, has_state=True),
            "Sts": Resource(endpoint, interface, has_state=False),
            "S3": Resource(endpoint, {"VpcEndpointType": "Gateway"}, has_state=False),
            "Role": Resource("AWS::IAM::Role", {}, has_state=False),
        }
        lines = resource_lines([], [View("network", {}, resources, {})], prices)
        assert {line.name: line.difference for line in lines} == {"AWS::KMS::Key": 1.0, endpoint: 14.6}

    @pytest.mark.parametrize(
        ("expression", "runs_a_year"),
        [
            ("cron(0 3 ? * SUN *)", 52),
            ("cron(0 3 ? * 1 *)", 52),
            ("cron(0/15 8-17 ? * MON-FRI *)", 4 * 10 * 261),
            ("cron(0 0 1 * ? *)", 12),
            ("cron(30 6 L * ? *)", 12),
            ("cron(0 9 ? * FRI#2 *)", 12),
            ("cron(0 9 ? 1-3 MON#1 *)", 3),
            ("cron(0 0 1 JAN,JUL ? *)", 2),
            ("cron(0 12 * * ? *)", 365),
            ("rate(7 days)", 8760 / (7 * 24)),
            ("rate(5 minutes)", 12 * 8760),
        ],
    )
    def test_how_often_a_schedule_is_due(self, expression: str, runs_a_year: float) -> None:
        """The runs of a month are those of a year by twelve (2027: no leap year, 261 weekdays)."""
        assert runs_per_month(expression) == pytest.approx(runs_a_year / 12)

    @pytest.mark.parametrize(
        "expression", ["cron(0 3 ? * SUN)", "cron(0 99 * * ? *)", "rate(0 days)", "at noon"]
    )
    def test_what_is_no_schedule_is_not_guessed(self, expression: str) -> None:
        """An expression that cannot be read has no number, and the page names it."""
        assert runs_per_month(expression) is None


class TestTheTable:
    def test_every_price_has_its_page_and_its_date(self) -> None:
        """The table in the repository reads, and knows the instance types that the project uses."""
        prices = load_prices()
        groups = (
            prices.instance_hour,
            prices.volume_gb_month,
            prices.state_transition,
            prices.resource_month,
        )
        for group in groups:
            assert group.source.startswith("https://aws.amazon.com/")
        assert {"ml.m5.xlarge", "ml.m5.2xlarge"} <= set(prices.instance_hour.prices)

    @pytest.mark.parametrize(
        ("amount", "expected"), [(0.0, "0"), (0.00001, "0"), (0.0042, "+0.0042"), (-1234.5, "-1,234.50")]
    )
    def test_amounts(self, amount: float, expected: str) -> None:
        """A difference has its sign; what is less than a cent is not rounded to nothing."""
        assert signed(amount) == expected
        assert dollars(1234.5) == "1,234.50"
