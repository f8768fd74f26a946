"""Hyperparameter tuning: a job whose work is training jobs, real ones, so many at a time.

Random and Grid. Bayesian and Hyperband choose the next values by methods of AWS's own, and are refused. A training of
a tuning job has no ContainerEntrypoint in the API: its image is to have a program `train`.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from queue import Empty
from typing import Any

from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.models import SageMakerModelBackend, sagemaker_backends

from headrace_local.sagemaker import handles, ranges, trials
from headrace_local.sagemaker.errors import JobFailedError, client_error
from headrace_local.sagemaker.handles import Event, Handle
from headrace_local.sagemaker.job import Job, Kind, ask_to_stop, finish

# How a training is made: `jobs.create`, given since that module makes tuning jobs by this one.
Create = Callable[[SageMakerModelBackend, Kind, dict[str, Any], str], str]

_STRATEGIES = ("Random", "Grid")
_LONGEST_SECONDS = 30 * 86400  # AWS's own limit of a tuning job
# Members that are not done, each by its place.
_NOT_DONE = {
    "": ("TrainingJobDefinitions", "WarmStartConfig", "Autotune"),
    "HyperParameterTuningJobConfig": ("StrategyConfig", "TuningJobCompletionCriteria"),
    "TrainingJobDefinition": (
        "HyperParameterRanges",
        "TuningObjective",
        "HyperParameterTuningResourceConfig",
    ),
}
_ALL_FAILED = (
    "All training jobs failed. Please take a look at the training jobs failures to get more details."
)


def check(request: dict[str, Any]) -> None:
    """Refuse what the local AWS cannot do for a tuning job, and what AWS refuses itself."""
    for place, members in _NOT_DONE.items():
        for member in members:
            if (request.get(place, {}) if place else request).get(member):
                raise AWSValidationException(f"{member} of a tuning job is not supported by the local AWS")
    configuration = request["HyperParameterTuningJobConfig"]
    strategy = configuration["Strategy"]
    if strategy not in _STRATEGIES:
        raise AWSValidationException(
            f"The strategy {strategy} is not supported by the local AWS; it has {' and '.join(_STRATEGIES)}"
        )
    if configuration.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise AWSValidationException("TrainingJobEarlyStoppingType Auto is not supported by the local AWS")
    definition = request.get("TrainingJobDefinition")
    objective = configuration.get("HyperParameterTuningJobObjective")
    if not definition or not objective or "ParameterRanges" not in configuration:
        raise AWSValidationException(
            "A tuning job needs TrainingJobDefinition, HyperParameterTuningJobObjective and ParameterRanges."
        )
    metrics = definition["AlgorithmSpecification"].get("MetricDefinitions", ())
    if objective["MetricName"] not in {metric["Name"] for metric in metrics}:
        raise AWSValidationException(
            "A metric is required for this hyperparameter tuning job objective. "
            "Provide a metric in the metric definitions."
        )
    ranges.check(configuration["ParameterRanges"], strategy)
    _check_number(configuration)


def first_training(request: dict[str, Any]) -> dict[str, Any]:
    """Return the request of a training as the tuning job will make them, to be checked before there is any."""
    return trials.request(request, 1, next(_combinations(request["HyperParameterTuningJobConfig"])))


def run(handle: Handle, create: Create) -> None:
    """Start the trainings by `create`, so many at a time, until all have ended or the job is to stop."""
    job = handle.job
    backend = sagemaker_backends[job.account][job.region]
    stop = _run_all(handle, backend, create)
    if stop is not None and stop.reason == "server":
        raise JobFailedError(
            "InternalServerError: the local AWS was stopped while the job ran; start the job again"
        )
    if stop is not None:
        finish(job, "Stopped")
        return
    found = trials.of(backend, job)
    if all(trial.status == "Failed" for trial in found):
        raise client_error(_ALL_FAILED)
    if all(trials.objective_value(trial, job) is None for trial in found):
        raise client_error(
            f"No objective metrics found after running {len(found)} training jobs. Please ensure that the custom "
            "algorithm is emitting the objective metric as defined by the regular expression provided."
        )
    finish(job, "Completed")


def _run_all(handle: Handle, backend: SageMakerModelBackend, create: Create) -> Event | None:
    """Run the trainings; return what made the job stop, None when nothing did."""
    job = handle.job
    configuration = job.request["HyperParameterTuningJobConfig"]
    limits = configuration["ResourceLimits"]
    waiting = enumerate(itertools.islice(_combinations(configuration), _number(configuration)), start=1)
    deadline: float | None = time.monotonic() + limits.get("MaxRuntimeInSeconds", _LONGEST_SECONDS)
    running: set[str] = set()
    stop: Event | None = None
    while True:
        while stop is None and len(running) < limits["MaxParallelTrainingJobs"]:
            number, tuned = next(waiting, (0, {}))
            if not number:
                break
            request = trials.request(job.request | {"Tags": job.tags}, number, tuned)
            arn = create(backend, "Training", request, job.arn)
            handles.tell_when_ended(arn, handle.events)
            running.add(arn)
        if not running:
            return stop
        try:
            event = handle.events.get(
                timeout=None if deadline is None else max(0, deadline - time.monotonic())
            )
        except Empty:
            event = Event("runtime")
        if event.reason == "ended":
            running.discard(event.host)
        elif stop is None or event.reason == "server":
            stop, deadline = event, None
            ask_to_stop(job)
            _stop(backend, job)


def _stop(backend: SageMakerModelBackend, tuning: Job) -> None:
    for trial in trials.of(backend, tuning):
        handle = handles.find(trial.arn)
        if handle is not None and ask_to_stop(trial):
            handle.events.put(Event("requested"))


def _combinations(configuration: dict[str, Any]) -> Iterator[dict[str, str]]:
    if configuration["Strategy"] == "Grid":
        return ranges.grid(configuration["ParameterRanges"])
    return ranges.draws(configuration["ParameterRanges"], configuration.get("RandomSeed"))


def _number(configuration: dict[str, Any]) -> int:
    if configuration["Strategy"] == "Grid":
        return ranges.size(configuration["ParameterRanges"])
    return int(configuration["ResourceLimits"]["MaxNumberOfTrainingJobs"])


def _check_number(configuration: dict[str, Any]) -> None:
    wanted = configuration["ResourceLimits"].get("MaxNumberOfTrainingJobs")
    if configuration["Strategy"] == "Grid":
        size = ranges.size(configuration["ParameterRanges"])
        if wanted not in {None, size}:
            raise AWSValidationException(
                f"MaxNumberOfTrainingJobs is {wanted}, and the grid has {size} combinations: leave it out, or say {size}"
            )
    elif wanted is None:
        raise AWSValidationException("The Random strategy needs MaxNumberOfTrainingJobs in ResourceLimits.")
