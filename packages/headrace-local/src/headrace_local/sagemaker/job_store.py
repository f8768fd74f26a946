"""The jobs of an account and region: stored in moto's own backends, so that they are saved with its state."""

from typing import Any, cast

from moto.sagemaker.models import SageMakerModelBackend

from headrace_local.sagemaker.job import Job, Kind

_NOUNS: dict[Kind, str] = {
    "Processing": "processing",
    "Training": "training",
    "Transform": "transform",
    "HyperParameterTuning": "hyper_parameter_tuning",
}


def noun(kind: Kind) -> str:
    """Return a kind as moto's methods have it: `hyper_parameter_tuning`."""
    return _NOUNS[kind]


def resource_type(kind: Kind) -> str:
    """Return a kind as ARNs have it: `hyper-parameter-tuning-job`."""
    return f"{_NOUNS[kind].replace('_', '-')}-job"


def kind_of(resource: str) -> Kind:
    """Return the kind of an ARN's resource type; raise `KeyError` for one that is no job's."""
    return {resource_type(kind): kind for kind in _NOUNS}[resource]


def jobs(backend: SageMakerModelBackend, kind: Kind) -> dict[str, Job]:
    """Return all jobs of a kind, by name, the oldest first."""
    # moto keeps its own classes there; ours take their place.
    found: Any = getattr(backend, f"{_NOUNS[kind]}_jobs")
    return cast("dict[str, Job]", found)
