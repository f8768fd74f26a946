"""A job as the server keeps it: what was asked, and what became of it. Plain data, so that it can be saved."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from moto.core.utils import utcnow

from headrace_local.events.sagemaker import job_changed

Kind = Literal["Processing", "Training", "Transform", "HyperParameterTuning"]
KINDS: tuple[Kind, ...] = ("Processing", "Training", "Transform", "HyperParameterTuning")
FINAL = frozenset({"Completed", "Failed", "Stopped"})

# A stop request and the end of the job come from two threads.
_changing = threading.Lock()

# What DescribeTrainingJob says of each secondary status.
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Stopping": "Stopping the training job",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "Interrupted": "Training job interrupted: its spot instances were reclaimed",
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds provided",
}
_WITHOUT_INSTANCES = frozenset({"Interrupted", "Starting"})


@dataclass
class Job:
    """One job. `request` is the create call, `facts` what DescribeXJob adds at the end.

    `role_arn` is the role of a job whose request names none: that of its model, or of its trainings.
    """

    kind: Kind
    name: str
    arn: str
    account: str
    region: str
    request: dict[str, Any]
    tags: list[dict[str, str]]
    status: str = "InProgress"
    facts: dict[str, Any] = field(default_factory=dict)
    transitions: list[dict[str, Any]] = field(default_factory=list)
    creation_time: datetime = field(default_factory=utcnow)
    last_modified_time: datetime = field(default_factory=utcnow)
    start_time: datetime | None = None
    end_time: datetime | None = None
    role_arn: str = ""
    tuning_arn: str = ""  # of the tuning job that a training belongs to

    @property
    def role(self) -> str:
        """The ARN of the role that the job assumes."""
        return self.role_arn or str(self.request["RoleArn"])

    @property
    def is_final(self) -> bool:
        """Whether the job has ended, well or not."""
        return self.status in FINAL

    def gen_response_object(self) -> dict[str, Any]:
        """Return what moto's Search shows of a job; the name is moto's (moto/sagemaker/models.py:3160)."""
        return describe(self)


def enter(job: Job, secondary_status: str) -> None:
    """Record that the job has come to the next stage: the last one ends, the new one starts now."""
    now = utcnow()
    job.last_modified_time = now
    if job.transitions:
        job.transitions[-1]["EndTime"] = now
    message = _MESSAGES[secondary_status]
    job.transitions.append({"Status": secondary_status, "StartTime": now, "StatusMessage": message})


def start(job: Job) -> None:
    """Record that the container has started; that of an interrupted job starts more than once."""
    job.start_time = job.start_time or utcnow()
    enter(job, "Training")


def ask_to_stop(job: Job) -> bool:
    """Record that the job is to stop; return whether that is news."""
    with _changing:
        if job.status != "InProgress":
            return False
        job.status = "Stopping"
        enter(job, "Stopping")
    report(job)
    return True


def finish(job: Job, status: str, secondary_status: str | None = None, **facts: object) -> None:
    """Record the end. `secondary_status` is the status where nothing else is given."""
    with _changing:
        enter(job, secondary_status or status)
        job.end_time = job.transitions[-1]["EndTime"] = job.last_modified_time
        job.facts.update({name: value for name, value in facts.items() if value})
        job.status = status
    report(job)


def report(job: Job) -> None:
    """Tell EventBridge the status that a job has come to."""
    job_changed(job.kind, describe(job), job.tags)


def describe(job: Job) -> dict[str, Any]:
    """Return all that was given at creation, and all that is known of the job since."""
    description = {
        **job.request,
        f"{job.kind}JobArn": job.arn,
        f"{job.kind}JobStatus": job.status,
        "CreationTime": job.creation_time,
        "LastModifiedTime": job.last_modified_time,
        f"{job.kind}StartTime": job.start_time,
        f"{job.kind}EndTime": job.end_time,
        **job.facts,
    }
    if job.kind == "Training":
        description |= _training_description(job)
    return {name: value for name, value in description.items() if value is not None}


def _training_description(job: Job) -> dict[str, Any]:
    switches = (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    )
    description = {
        **{switch: job.request.get(switch, False) for switch in switches},
        "SecondaryStatus": job.transitions[-1]["Status"],
        "SecondaryStatusTransitions": job.transitions,
        "TuningJobArn": job.tuning_arn or None,
    }
    if job.start_time and job.end_time:
        seconds = _training_seconds(job, job.start_time, job.end_time)
        # What spot saves on AWS lies in its price, which nothing here has: all time with instances is billed.
        description |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    return description


def _training_seconds(job: Job, start_time: datetime, end_time: datetime) -> int:
    """Return how long the job had instances, in whole seconds; a job that ran at all counts as one."""
    waits: list[float] = [
        (transition["EndTime"] - transition["StartTime"]).total_seconds()
        for transition in job.transitions
        if transition["Status"] in _WITHOUT_INSTANCES and transition["StartTime"] > start_time
    ]
    return max(1, round((end_time - start_time).total_seconds() - sum(waits)))
