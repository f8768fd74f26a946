"""The disk of an instance, as large as the job asked for: what does not fit there fails here too."""

import errno
from collections.abc import Iterable

from headrace_local.sagemaker.errors import JobFailedError, client_error
from headrace_local.sagemaker.plan import Instance, Plan
from headrace_local.sagemaker.s3 import files

INSUFFICIENT = "Insufficient disk space"  # the words of AWS
_GIGABYTE = 1 << 30


def check_brought(plan: Plan, sizes: Iterable[int]) -> None:
    """Raise AWS's failure when objects of these sizes, in bytes, have no room on an instance."""
    _check(plan, sum(sizes), "Data download failed")


def check_written(plan: Plan, machines: list[Instance]) -> None:
    """Raise AWS's failure when what lies on an instance, inputs and outputs, has no room there.

    It is looked at when the processes have ended: until then a job can fill the disk of this machine.
    """
    for machine in machines:
        sizes = (file.stat().st_size for folder in (machine.root, machine.scratch) for file in files(folder))
        _check(plan, sum(sizes), "Artifact upload failed", f" of {machine.host}")


def full_disk(error: OSError) -> JobFailedError | None:
    """Return the failure of a job for which this machine has no room, None for any other error."""
    if error.errno != errno.ENOSPC:
        return None
    return client_error(f"{INSUFFICIENT} on the machine of the local AWS: {error}")


def _check(plan: Plan, size: int, what_failed: str, place: str = "") -> None:
    if plan.volume_gigabytes is not None and size > plan.volume_gigabytes * _GIGABYTE:
        raise client_error(
            f"{what_failed}:{INSUFFICIENT}. {size / _GIGABYTE:.2f} GB do not fit on the volume{place}: "
            f"VolumeSizeInGB is {plan.volume_gigabytes}"
        )
