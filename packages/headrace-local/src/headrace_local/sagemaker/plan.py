"""What a job needs on each instance, said once for processing and training jobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from headrace_local.context import current
from headrace_local.sagemaker.errors import client_error, unknown_image
from headrace_local.settings import Image

# The program that SageMaker runs in a training image that is given no command: `docker run IMAGE train`.
IMAGE_TRAINS = "train"
CONTAINER_ROOT = PurePosixPath("/opt/ml")


@dataclass(frozen=True)
class Input:
    """Objects under `uri` that go into `folder`, relative to /opt/ml. Sharded: each instance has its share."""

    uri: str
    folder: str
    sharded: bool = False
    required: bool = True


@dataclass(frozen=True)
class Plan:
    """The container of a job. Paths are relative to /opt/ml; `configuration` makes each host's JSON files."""

    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    hosts: tuple[str, ...]
    inputs: tuple[Input, ...]
    folders: tuple[str, ...]
    configuration: Callable[[str], dict[str, Any]]
    max_runtime_seconds: int
    volume_gigabytes: int | None = None


@dataclass(frozen=True)
class Instance:
    """One of the job's instances. `root` stands for /opt/ml, `scratch` for the rest of the container's disk."""

    host: str
    root: Path
    scratch: Path
    log: Path


def image_of(uri: str) -> Image:
    """Return what stands for an image; raise `JobFailedError` when nothing does, whatever its registry, tag or digest."""
    settings = current().settings
    image = settings.image(uri)
    if image is None:
        raise unknown_image(uri, [known.repository for known in settings.images])
    return image


def hosts(instance_count: int) -> tuple[str, ...]:
    """Return the names of the instances, as SageMaker gives them."""
    return tuple(f"algo-{number}" for number in range(1, instance_count + 1))


def instances(folder: Path, hosts: tuple[str, ...]) -> list[Instance]:
    """Return the instances of a job whose files lie in `folder`."""
    return [
        Instance(host, folder / host, folder / f"{host}.scratch", folder / f"{host}.log") for host in hosts
    ]


def relative_to_root(path: str) -> str:
    """Return a container path relative to /opt/ml; the local AWS has no folder for any other."""
    pure = PurePosixPath(path)
    if ".." in pure.parts or not pure.is_relative_to(CONTAINER_ROOT):
        raise client_error(
            f"LocalPath {path!r} is outside of {CONTAINER_ROOT}, which the local AWS cannot give"
        )
    return str(pure.relative_to(CONTAINER_ROOT))
