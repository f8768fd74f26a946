"""The operations of SageMaker's API that moto answers without doing anything, replaced by ours.

moto/sagemaker/responses.py:177-263 makes jobs that are Completed at once, drops Environment and
ProcessingResources (moto/sagemaker/models.py:291) and accepts a name twice (models.py:3681, 4244); the operations of
`_MISSING` are not there at all.
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.responses import SageMakerResponse

from headrace_local.patching import add, replace
from headrace_local.sagemaker import jobs, listing, spot
from headrace_local.sagemaker.job import KINDS, Kind
from headrace_local.sagemaker.job_store import noun
from headrace_local.unsupported_operations import SAGEMAKER, refusal

# What moto/sagemaker/responses.py does not have.
_MISSING = frozenset(
    {
        "interrupt_training_job",
        "list_training_jobs_for_hyper_parameter_tuning_job",
        "stop_hyper_parameter_tuning_job",
        "stop_training_job",
        "stop_transform_job",
        "update_endpoint",
    }
)


def install() -> None:
    """Replace create, describe, stop and list of each kind of job, and refuse what only moto can."""
    for operation in SAGEMAKER:
        _put(camelcase_to_underscores(operation), _refuse(operation))
    for kind in KINDS:
        job = f"{noun(kind)}_job"
        _put(f"create_{job}", _create(kind))
        _put(f"describe_{job}", _describe(kind))
        _put(f"stop_{job}", _stop(kind))
        _put(f"list_{job}s", _list(kind))
    _put("list_training_jobs_for_hyper_parameter_tuning_job", _list_trainings)
    _put("interrupt_training_job", _interrupt)
    _name_interruptions()


def _name_interruptions() -> None:
    """Give this server's model of the API the operation InterruptTrainingJob, which AWS does not have.

    It is asked like StopTrainingJob, and answers nothing; without it moto reads no parameters.
    """
    operations: dict[str, Any] = vars(get_service_model("sagemaker"))["_service_description"]["operations"]
    operations["InterruptTrainingJob"] = operations["StopTrainingJob"] | {"name": "InterruptTrainingJob"}


def _put(method: str, ours: Callable[[SageMakerResponse], object]) -> None:
    (add if method in _MISSING else replace)(SageMakerResponse, method, ours)


def _refuse(operation: str) -> Callable[[SageMakerResponse], ActionResult]:
    def refuse(_: SageMakerResponse) -> ActionResult:
        raise AWSValidationException(refusal("sagemaker", operation))

    return refuse


def _create(kind: Kind) -> Callable[[SageMakerResponse], ActionResult]:
    def create(response: SageMakerResponse) -> ActionResult:
        return ActionResult({f"{kind}JobArn": jobs.create(response.sagemaker_backend, kind, response.params)})

    return create


def _describe(kind: Kind) -> Callable[[SageMakerResponse], ActionResult]:
    def answer(response: SageMakerResponse) -> ActionResult:
        backend = response.sagemaker_backend
        job = jobs.find(backend, kind, response.params.get(f"{kind}JobName", ""))
        return ActionResult(jobs.description(backend, job))

    return answer


def _stop(kind: Kind) -> Callable[[SageMakerResponse], ActionResult]:
    def stop(response: SageMakerResponse) -> ActionResult:
        jobs.stop(response.sagemaker_backend, kind, response.params.get(f"{kind}JobName", ""))
        return EmptyResult()

    return stop


def _list(kind: Kind) -> Callable[[SageMakerResponse], ActionResult]:
    def listed(response: SageMakerResponse) -> ActionResult:
        return ActionResult(listing.listing(response.sagemaker_backend, kind, response.params))

    return listed


def _list_trainings(response: SageMakerResponse) -> ActionResult:
    return ActionResult(listing.trainings(response.sagemaker_backend, response.params))


def _interrupt(response: SageMakerResponse) -> ActionResult:
    """Interrupt a spot job, for `headrace_local.interrupt`."""
    name = response.params.get("TrainingJobName", "")
    spot.interrupt(jobs.find(response.sagemaker_backend, "Training", name))
    return EmptyResult()
