"""The training jobs of a tuning job: what they are asked, and what the API says of them together."""

import secrets
from typing import Any

from moto.sagemaker.models import SageMakerModelBackend

from headrace_local.sagemaker import job_store
from headrace_local.sagemaker.job import Job

_PASSED_ON = (
    "RoleArn",
    "InputDataConfig",
    "VpcConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
    "Environment",
)


def request(tuning: dict[str, Any], number: int, tuned: dict[str, str]) -> dict[str, Any]:
    """Return the request of a tuning job's training job, named after it as SageMaker does."""
    definition = tuning["TrainingJobDefinition"]
    objective = tuning["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    return {
        "TrainingJobName": f"{tuning['HyperParameterTuningJobName']}-{number:03d}-{secrets.token_hex(4)}",
        "AlgorithmSpecification": definition["AlgorithmSpecification"],
        "HyperParameters": {
            **definition.get("StaticHyperParameters", {}),
            **tuned,
            "_tuning_objective_metric": objective["MetricName"],
        },
        **{member: definition[member] for member in _PASSED_ON if member in definition},
        "Tags": tuning.get("Tags", []),
    }


def of(backend: SageMakerModelBackend, tuning: Job) -> list[Job]:
    """Return the training jobs of a tuning job, the oldest first."""
    found = job_store.jobs(backend, "Training").values()
    return [job for job in list(found) if job.tuning_arn == tuning.arn]


def objective_value(job: Job, tuning: Job) -> float | None:
    """Return the last value of the objective that a completed training printed, None when it has none."""
    wanted = tuning.request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    metrics = job.facts.get("FinalMetricDataList", ()) if job.status == "Completed" else ()
    return next((metric["Value"] for metric in metrics if metric["MetricName"] == wanted), None)


def description(backend: SageMakerModelBackend, tuning: Job) -> dict[str, Any]:
    """Return what DescribeHyperParameterTuningJob says beyond the job itself."""
    jobs = of(backend, tuning)
    succeeded = [job for job in jobs if objective_value(job, tuning) is not None]
    counts = {
        status: sum(job.status == status for job in jobs) for status in ("Completed", "Failed", "Stopped")
    }
    pending = sum(not job.is_final for job in jobs)
    found: dict[str, Any] = {
        "TrainingJobStatusCounters": {
            "Completed": counts["Completed"],
            "InProgress": pending,
            "RetryableError": 0,
            "NonRetryableError": counts["Failed"],
            "Stopped": counts["Stopped"],
        },
        "ObjectiveStatusCounters": {
            "Succeeded": len(succeeded),
            "Pending": pending,
            "Failed": len(jobs) - pending - len(succeeded),
        },
    }
    if succeeded:
        found["BestTrainingJob"] = summary(_best(succeeded, tuning), tuning)
    return found


def summary(job: Job, tuning: Job) -> dict[str, Any]:
    """Return a HyperParameterTrainingJobSummary."""
    value = objective_value(job, tuning)
    objective = tuning.request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    found = {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": job.creation_time,
        "TrainingStartTime": job.start_time,
        "TrainingEndTime": job.end_time,
        "TrainingJobStatus": job.status,
        "TunedHyperParameters": {name: job.request["HyperParameters"][name] for name in _names(tuning)},
        "FailureReason": job.facts.get("FailureReason"),
        "ObjectiveStatus": "Pending" if not job.is_final else "Failed" if value is None else "Succeeded",
    }
    if value is not None:
        found["FinalHyperParameterTuningJobObjectiveMetric"] = objective | {"Value": value}
    return {name: value for name, value in found.items() if value is not None}


def _best(jobs: list[Job], tuning: Job) -> Job:
    objective = tuning.request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    sign = 1 if objective["Type"] == "Minimize" else -1
    return min(jobs, key=lambda job: sign * (objective_value(job, tuning) or 0.0))


def _names(tuning: Job) -> list[str]:
    kinds = tuning.request["HyperParameterTuningJobConfig"]["ParameterRanges"].values()
    return [entry["Name"] for entries in kinds for entry in entries]
