"""The jobs of a pipeline as its definition asks for them, and how long they took when it last ran."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from headrace.errors import HeadraceError
from headrace_aws.model_context import ModelContext
from headrace_aws.plan.machines import INSIDE, Machine, states
from headrace_aws.runs.history import history
from headrace_aws.runs.records.run_record import RunRecord
from headrace_aws.runs.records.table import runs
from headrace_local.grammars.template import Json

_JOB = "sagemaker:create"
_EXECUTION = "states:startExecution"
# Statuses of a run that did all of its work: others would make a run seem cheap.
_WHOLE = {"registered", "refused", "published", "measured", "summarised", "retrained"}


@dataclass(frozen=True)
class Job:
    """A job that a state begins. `seconds` is the longest that it may run; None is not said.

    A job `in_map` is begun for each item of a map, and only a run shows how many those are.
    """

    state: str
    instance_type: str
    instance_count: int
    volume_gb: int
    seconds: float | None
    in_map: bool


@dataclass(frozen=True)
class RecordedRun:
    """A run that was recorded: seconds in each state that began a job, summed over a map, and all transitions.

    `possible` are the states of what is deployed: of those, one without a time was not entered.
    """

    run: RunRecord
    seconds: Mapping[str, float]
    transitions: int
    possible: frozenset[str]


def jobs(machine: Machine) -> list[Job]:
    """Return the jobs that a definition may begin, one for each state that begins one."""
    return [
        _job(name, state["Parameters"])
        for name, state in states(machine.definition)
        if _JOB in str(state.get("Resource")) and _resources(state.get("Parameters", {}))
    ]


def started_machines(machine: Machine) -> list[str]:
    """Return the ARNs of the state machines that a definition starts."""
    arns = [
        str(state.get("Parameters", {}).get("StateMachineArn", ""))
        for _, state in states(machine.definition)
        if _EXECUTION in str(state.get("Resource"))
    ]
    for name, value in machine.substitutions.items():
        arns = [arn.replace(f"${{{name}}}", value) for arn in arns]
    return arns


def state_count(machine: Machine) -> int:
    """Return how many states a definition has."""
    return sum(1 for _, state in states(machine.definition) if "Type" in state)


def recorded_run(context: ModelContext, machine: Machine) -> RecordedRun | None:
    """Return the newest run of a deployed pipeline that did all of its work; None when AWS knows of none any more."""
    try:
        run = next((each for each in runs(context, pipeline=machine.pipeline) if each.status in _WHOLE), None)
    except HeadraceError:  # no table yet, or a record that cannot be read: `make runs` says why
        return None
    if run is None:
        return None
    try:
        entered = history(context.states, run.execution)
    except ClientError:  # Step Functions forgets an execution after 90 days
        return None
    seconds: dict[str, float] = {}
    now = datetime.now(UTC)
    for visit in entered:
        if visit.jobs:
            seconds[visit.state] = seconds.get(visit.state, 0.0) + visit.seconds(now)
    return RecordedRun(run, seconds, len(entered), frozenset(job.state for job in jobs(machine)))


def _resources(parameters: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what a job runs on: AWS puts it in another place for each kind."""
    found: Mapping[str, Json] = (
        parameters.get("ProcessingResources", {}).get("ClusterConfig")
        or parameters.get("ResourceConfig")
        or parameters.get("TransformResources")
        or {}
    )
    return found


def _job(path: str, parameters: Mapping[str, Json]) -> Job:
    resources = _resources(parameters)
    count = resources.get("InstanceCount", 1)
    longest = parameters.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
    return Job(
        path.rpartition(INSIDE)[2],
        str(resources.get("InstanceType", "an instance type that the input names")),
        count if isinstance(count, int) else 1,
        resources.get("VolumeSizeInGB", 0),
        float(longest) if longest else None,
        INSIDE in path,
    )
