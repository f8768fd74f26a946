"""Running executions, stopped with the jobs that they wait for."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from botocore import xform_name
from botocore.exceptions import ClientError

from headrace_aws import formatting
from headrace_aws.runs.history import Job, history
from headrace_aws.runs.summary import STOPPED
from headrace_aws.session import AwsSession
from headrace_aws.waiting import EXECUTION, GONE, JOB, wait_until_ended

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import ListExecutionsInputPaginateTypeDef

_MINUTES = 15  # for executions and jobs to end that were told to; AWS gives a job two


def stop_executions(aws: AwsSession, machine: str, cause: str, say: Callable[[str], None]) -> None:
    """Stop the running executions of a state machine (its ARN), and wait until their jobs, which may still write, have ended."""
    states: SFNClient = aws.client("stepfunctions")
    stopped: set[str] = set()

    def status() -> str:
        """Stop those that run now: one may have been started a moment ago."""
        running = set(executions(states, machine, running=True))
        for execution in running - stopped:
            states.stop_execution(executionArn=execution, error=STOPPED, cause=cause)
        stopped.update(running)
        return "RUNNING" if running else "ABORTED"

    wait_until_ended(f"the executions of {machine.rpartition(':')[2]}", status, EXECUTION, _MINUTES)
    if stopped:
        _wait(aws.client("sagemaker"), jobs_of(states, stopped))
        say(f"stopped {formatting.count(len(stopped), 'execution')} of {machine.rpartition(':')[2]}")


def executions(states: "SFNClient", machine: str, *, running: bool = False) -> list[str]:
    """Return the ARNs of a state machine's executions, or of those that run; none where there is no machine."""
    request: ListExecutionsInputPaginateTypeDef = {"stateMachineArn": machine}
    if running:
        request["statusFilter"] = "RUNNING"
    try:
        pages = list(states.get_paginator("list_executions").paginate(**request))
    except states.exceptions.StateMachineDoesNotExist:
        return []
    return [execution["executionArn"] for page in pages for execution in page["executions"]]


def jobs_of(states: "SFNClient", found: Iterable[str]) -> list[Job]:
    """Return the jobs of executions (their ARNs)."""
    return [job for execution in found for visit in history(states, execution) for job in visit.jobs]


def _wait(sagemaker: "SageMakerClient", jobs: Iterable[Job]) -> None:
    for job in jobs:
        wait_until_ended(f"{job.kind} {job.name}", partial(_status, sagemaker, job), JOB, _MINUTES)


def _status(sagemaker: "SageMakerClient", job: Job) -> str:
    describe = getattr(sagemaker, xform_name(f"Describe{job.kind}"))
    try:
        return str(describe(**{f"{job.kind}Name": job.name})[f"{job.kind}Status"])
    except ClientError as error:
        # SageMaker has both answers for a job that it does not know.
        if error.response["Error"]["Code"] == "ResourceNotFound" or "Could not find" in str(error):
            return GONE
        raise
