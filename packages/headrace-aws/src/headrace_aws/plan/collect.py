"""Collect a plan from an environment, without changing anything there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headrace_aws import naming
from headrace_aws.commit import DIRTY
from headrace_aws.model_context import ModelContext
from headrace_aws.plan.changes import StackPlan, deployed_commit, stack_plans
from headrace_aws.plan.cost import Line, Side, month_lines, resource_lines, run_lines, schedules
from headrace_aws.plan.jobs import RecordedRun, recorded_run
from headrace_aws.plan.machines import Machine, deployed_machines, desired_machines
from headrace_aws.plan.metrics import ChampionComparison, champion_comparison
from headrace_aws.plan.permissions import RightsChange, rights_changes
from headrace_aws.plan.prices import Prices, load_prices
from headrace_aws.plan.state import Loss, losses
from headrace_aws.release.manifest import Release
from headrace_aws.session import AwsSession

_Machines = Mapping[str, Machine]


@dataclass(frozen=True)
class Plan:
    """What a deploy of a release to an environment would do."""

    environment: str
    account: str
    region: str
    commit: str
    deployed_commit: str  # empty when nothing is deployed
    plans: Sequence[StackPlan]
    losses: Sequence[Loss]
    machines: Mapping[str, tuple[_Machines, _Machines]]  # by model: before, after
    rights: Sequence[RightsChange]
    comparisons: Mapping[str, ChampionComparison | None]
    runs: Sequence[Line]  # cost of a run
    months: Sequence[Line]  # cost of a month
    prices: Prices


def collect_plan(
    aws: AwsSession,
    release: Release,
    models: Sequence[str],
    allowed: frozenset[str] = frozenset(),
    pull: int | None = None,
) -> Plan:
    """Return what a deploy of a release would do to the stacks of models.

    Args:
        aws: the environment.
        release: what would be deployed.
        models: of the project.
        allowed: logical ids of resources with state that may be replaced or removed.
        pull: number of the pull request whose preview has perhaps trained.

    Raises:
        ConfigurationError: a definition is not rendered, or the price table cannot be read.
        DeployError: a stack is busy or stuck, or CloudFormation refuses its template or parameters.
    """
    prices = load_prices()
    plans = stack_plans(aws, release, models)
    machines = {model: _machines(aws, release, model, plans) for model in models}
    contexts = [ModelContext(aws, release.project, model) for model in models]
    lines = [
        _model_lines(context, plans, machines[context.model], prices, alone=len(models) == 1)
        for context in contexts
    ]
    before = [plan.before for plan in plans if plan.before]
    return Plan(
        environment=aws.name,
        account=aws.account,
        region=aws.region,
        commit=release.commit,
        deployed_commit=deployed_commit(plans),
        plans=plans,
        losses=losses(plans, allowed),
        machines=machines,
        rights=[change for plan in plans for change in rights_changes(plan.name, plan.before, plan.after)],
        comparisons={
            model: champion_comparison(aws, release.project, model, release.commit.removesuffix(DIRTY), pull)
            for model in models
        },
        runs=[line for of_runs, _ in lines for line in of_runs],
        months=[
            *(line for _, of_months in lines for line in of_months),
            *resource_lines(before, [plan.after for plan in plans], prices),
        ],
        prices=prices,
    )


def _machines(
    aws: AwsSession, release: Release, model: str, plans: Sequence[StackPlan]
) -> tuple[_Machines, _Machines]:
    pipelines, _ = _of_model(plans, model)
    prefix = naming.pipeline_prefix(release.project, model)
    before = deployed_machines(aws, prefix, pipelines.before) if pipelines.before else {}
    return before, desired_machines(release, model, prefix, pipelines.after)


def _model_lines(
    context: ModelContext,
    plans: Sequence[StackPlan],
    machines: tuple[_Machines, _Machines],
    prices: Prices,
    *,
    alone: bool,
) -> tuple[list[Line], list[Line]]:
    before, after = machines
    found_runs = {name: recorded_run(context, machine) for name, machine in before.items()}
    known: dict[str, RecordedRun] = {name: run for name, run in found_runs.items() if run}
    _, automation = _of_model(plans, context.model)
    former = Side(before, schedules(automation.before, before))
    latter = Side(after, schedules(automation.after, after))
    prefix = "" if alone else f"{context.model}: "
    return (
        run_lines(former, latter, known, prices, prefix),
        month_lines(former, latter, known, prices, prefix),
    )


def _of_model(plans: Sequence[StackPlan], model: str) -> tuple[StackPlan, StackPlan]:
    pipelines, automation = (plan for plan in plans if plan.model == model)
    return pipelines, automation
