"""A job as the server keeps it: what was asked, and what became of it. Plain data, so that it can be saved."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from moto.core.utils import utcnow

Kind = Literal["Processing", "Training"]
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
}


@dataclass
class Job:
    """One processing or training job. `request` is the create call, `facts` what DescribeXJob adds at the end."""

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

    @property
    def role(self) -> str:
        """The ARN of the role that the job assumes."""
        return str(self.request["RoleArn"])

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
    """Record that the container has started."""
    job.start_time = utcnow()
    enter(job, "Training")


def ask_to_stop(job: Job) -> bool:
    """Record that the job is to stop; return whether that is news."""
    with _changing:
        if job.status != "InProgress":
            return False
        job.status = "Stopping"
        enter(job, "Stopping")
        return True


def finish(job: Job, status: str, secondary_status: str | None = None, **facts: object) -> None:
    """Record the end. `secondary_status` is the status where nothing else is given."""
    with _changing:
        enter(job, secondary_status or status)
        job.end_time = job.transitions[-1]["EndTime"] = job.last_modified_time
        job.facts.update({name: value for name, value in facts.items() if value})
        job.status = status


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
    }
    if job.start_time and job.end_time:
        # Whole seconds, and a job that ran at all counts as one.
        seconds = max(1, round((job.end_time - job.start_time).total_seconds()))
        description |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    return description
