"""What a loop adds to its jobs: the wall time of `Each trial` beside the jobs' own time over the concurrency.

    make demo && make run PIPELINE=backtesting
    python benchmarks/trials.py backtesting EXECUTION

Reads a finished run of cross-validation or backtesting of the first model on the local AWS.
"""

import sys
from typing import TYPE_CHECKING

from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.runs.history import Job, history
from headrace_aws.session import aws_session

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

LOOP = "Each trial"


def seconds_of(sagemaker: "SageMakerClient", job: Job) -> float:
    """Return how long a job's container ran, with its uploads."""
    if job.kind == "TrainingJob":
        described = sagemaker.describe_training_job(TrainingJobName=job.name)
        return float((described["TrainingEndTime"] - described["TrainingStartTime"]).total_seconds())
    described = sagemaker.describe_processing_job(ProcessingJobName=job.name)
    return float((described["ProcessingEndTime"] - described["ProcessingStartTime"]).total_seconds())


def main() -> None:
    """Print the figures of one run."""
    pipeline, execution = sys.argv[1:]
    project = load_project()
    model = next(iter(project.models))
    aws = aws_session(project, LOCAL)
    machine = naming.state_machine_arn(project, aws.environment, model, pipeline)
    visits = history(aws.client("stepfunctions"), naming.execution_arn(machine, execution))
    loop = next(visit for visit in visits if visit.state == LOOP)
    if loop.exited is None:
        raise SystemExit("the loop has not ended; wait for the run")
    wall = (loop.exited - loop.entered).total_seconds()
    jobs = [job for visit in visits if visit.iteration is not None for job in visit.jobs]
    work = sum(seconds_of(aws.client("sagemaker"), job) for job in jobs)
    settings = project.model(model)
    concurrency = {
        "backtesting": settings.backtesting.concurrency,
        "cross-validation": settings.cross_validation.concurrency,
    }[pipeline]
    print(f"{len(jobs)} jobs, {concurrency} at a time: {work:.1f} s of work, {wall:.1f} s of wall time")
    print(f"overhead {wall / (work / concurrency) - 1:.1%}")


if __name__ == "__main__":
    main()
