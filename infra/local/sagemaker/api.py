"""The job operations of moto's SageMaker API, replaced.

moto/sagemaker/responses.py:177-263 makes jobs that are Completed at once, drops Environment and
ProcessingResources (moto/sagemaker/models.py:291) and accepts a name twice (models.py:3681, 4244);
StopTrainingJob is not there at all.
"""

from collections.abc import Callable

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import AWSValidationException
from moto.sagemaker.responses import SageMakerResponse

from infra.local.sagemaker import jobs
from infra.local.sagemaker.job import Kind, describe

_KINDS: tuple[Kind, ...] = ("Processing", "Training")
# What moto calls done or in service at once although nothing ran (moto/sagemaker/responses.py).
_PRETENDED = {
    "create_auto_ml_job_v2": "CreateAutoMLJobV2",
    "create_cluster": "CreateCluster",
    "create_compilation_job": "CreateCompilationJob",
    "create_endpoint": "CreateEndpoint",
    "create_hyper_parameter_tuning_job": "CreateHyperParameterTuningJob",
    "create_notebook_instance": "CreateNotebookInstance",
    "create_transform_job": "CreateTransformJob",
}


def install() -> None:
    """Replace create, describe, stop and list of each kind of job, and refuse what only moto can."""
    for method, operation in _PRETENDED.items():
        setattr(SageMakerResponse, method, _refuse(operation))
    for kind in _KINDS:
        noun = f"{kind.lower()}_job"
        setattr(SageMakerResponse, f"create_{noun}", _create(kind))
        setattr(SageMakerResponse, f"describe_{noun}", _describe(kind))
        setattr(SageMakerResponse, f"stop_{noun}", _stop(kind))
        setattr(SageMakerResponse, f"list_{noun}s", _list(kind))


def _refuse(operation: str) -> Callable[[SageMakerResponse], ActionResult]:
    def refuse(_: SageMakerResponse) -> ActionResult:
        raise AWSValidationException(
            f"The local AWS does not know {operation}: it runs processing and training jobs."
        )

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
