"""The job operations of moto's SageMaker API, replaced.

moto/sagemaker/responses.py:177-263 makes jobs that are Completed at once, drops Environment and
ProcessingResources (moto/sagemaker/models.py:291) and accepts a name twice (models.py:3681, 4244);
StopTrainingJob is not there at all.
"""

from collections.abc import Callable

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.responses import SageMakerResponse

from infra.local.refused import SAGEMAKER, refusal
from infra.local.replacing import add, replace
from infra.local.sagemaker import jobs
from infra.local.sagemaker.job import Kind, describe

_KINDS: tuple[Kind, ...] = ("Processing", "Training")
# What moto/sagemaker/responses.py does not have.
_MISSING = frozenset({"stop_training_job", "update_endpoint"})


def install() -> None:
    """Replace create, describe, stop and list of each kind of job, and refuse what only moto can."""
    for operation in SAGEMAKER:
        _put(camelcase_to_underscores(operation), _refuse(operation))
    for kind in _KINDS:
        noun = f"{kind.lower()}_job"
        _put(f"create_{noun}", _create(kind))
        _put(f"describe_{noun}", _describe(kind))
        _put(f"stop_{noun}", _stop(kind))
        _put(f"list_{noun}s", _list(kind))


def _put(method: str, ours: Callable[[SageMakerResponse], ActionResult]) -> None:
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
        name = response.params.get(f"{kind}JobName", "")
        return ActionResult(describe(jobs.find(response.sagemaker_backend, kind, name)))

    return answer


def _stop(kind: Kind) -> Callable[[SageMakerResponse], ActionResult]:
    def stop(response: SageMakerResponse) -> ActionResult:
        jobs.stop(response.sagemaker_backend, kind, response.params.get(f"{kind}JobName", ""))
        return EmptyResult()

    return stop


def _list(kind: Kind) -> Callable[[SageMakerResponse], ActionResult]:
    def listing(response: SageMakerResponse) -> ActionResult:
        return ActionResult(jobs.listing(response.sagemaker_backend, kind, response.params))

    return listing
