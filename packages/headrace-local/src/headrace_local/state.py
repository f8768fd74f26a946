"""What the local AWS keeps between `down` and `up`: one file, written whole or not at all.

The file is a pickle of moto's backends, read only by the server of the folder that wrote it. Kept are the services
that the stacks use. Lost with the process: what runs (it is ended first), and task tokens.
`saving` writes it in between as well, for the server that is killed.
"""

import hashlib
import io
import logging
import os
import pickle
import platform
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cloudpickle import CloudPickler
from moto.backends import get_backend
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from headrace_local import strict_json
from headrace_local.errors import LocalAwsError
from headrace_local.files import state_file
from headrace_local.pickling import reducers

SERVICES = (
    "budgets",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecr",
    "events",
    "iam",
    "kms",
    "logs",
    "s3",
    "sagemaker",
    "scheduler",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)
_FORMAT = 1
_DIGEST_BYTES = 32
_ATTEMPTS = 5
_PAUSE_SECONDS = 0.1

_saving = threading.Lock()

Backends = dict[str, dict[str, dict[str, Any]]]

logger = logging.getLogger("headrace_local")


def save(home: Path, has_folder: Callable[[], bool] = lambda: True) -> None:
    """Write the state of every backend, unless its folder is gone; the former file stands until the new one is complete."""
    begun = time.perf_counter()
    with _saving:
        content = header() + _pickled()
        if not has_folder():
            return
        new = state_file(home).with_suffix(".new")
        try:
            with new.open("wb") as target:
                target.write(content)
                target.write(hashlib.sha256(content).digest())
                target.flush()
                os.fsync(target.fileno())
            new.replace(state_file(home))
        except OSError:
            with suppress(OSError):  # of the two errors the first one counts
                new.unlink(missing_ok=True)  # half of it would fill a disk that is full already
            raise
    logger.info("state saved: %.1f MB in %.2f s", len(content) / 1e6, time.perf_counter() - begun)


def load(home: Path) -> None:
    """Put back what was saved, if anything was; raise `LocalAwsError` that names the file and the remedy."""
    if not state_file(home).exists():
        return
    begun = time.perf_counter()
    content = state_file(home).read_bytes()
    saved = _unpickled(home, content)
    for service, accounts in saved.items():
        for account, regions in accounts.items():
            for region, backend in regions.items():
                backend_dict(service)[account][region] = backend
    _tell_owners_of_buckets()
    logger.info("state loaded: %.1f MB in %.2f s", len(content) / 1e6, time.perf_counter() - begun)


def _tell_owners_of_buckets() -> None:
    """Tell moto which account has which bucket, which it keeps beside the backends: names are unique among all."""
    s3 = backend_dict("s3")
    for account, partitions in s3.items():
        for partition, backend in partitions.items():
            for name in backend.buckets:
                s3.bucket_accounts[name] = (partition, account)


def backend_dict(service: str) -> Any:  # noqa: ANN401 - moto has no types
    """Return where moto keeps the backends of a service."""
    if service == "stepfunctions":
        # The backends that run executions; those of the name are for machines that do not run.
        return stepfunctions_parser_backends
    backend: Any = get_backend  # typed for each service by its literal name
    return backend(service)


def header() -> bytes:
    """Return the first line: by what the file was written. Another version could read it wrongly."""
    facts = {
        "headrace local AWS": _FORMAT,
        "moto": version("moto"),
        "python": ".".join(platform.python_version_tuple()[:2]),
    }
    return strict_json.dumps(facts).encode() + b"\n"


def _pickled() -> bytes:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _attempt()
        except Exception:
            # A request that is under way changes what is read: a dictionary gets longer, a file is closed.
            if attempt == _ATTEMPTS:
                raise
            time.sleep(_PAUSE_SECONDS)
    raise AssertionError


def _attempt() -> bytes:
    backends: Backends = {
        service: {account: dict(regions) for account, regions in backend_dict(service).items()}
        for service in SERVICES
    }
    buffer = io.BytesIO()
    pickler = CloudPickler(buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table.update(reducers(backend_dict))
    pickler.dump(backends)
    return buffer.getvalue()


def _unpickled(home: Path, content: bytes) -> Backends:
    remedy = f"the command `reset` removes it, and with it all that the local AWS held ({state_file(home)})"
    body, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise LocalAwsError(f"the saved state of the local AWS is damaged; {remedy}")
    if not body.startswith(header()):
        written_by = body.partition(b"\n")[0].decode(errors="replace")
        raise LocalAwsError(
            f"the saved state was written by {written_by}, this is {header().decode().strip()}; {remedy}"
        )
    try:
        # Our own file, in our own folder, as its digest says.
        saved: Backends = pickle.loads(body[len(header()) :])  # noqa: S301
    except Exception as error:
        raise LocalAwsError(f"the saved state does not fit this code ({error!r}); {remedy}") from error
    return saved
