"""The program of a batch transform job's instance: starts the container, sends it the records, keeps its answers.

Runs by itself, with the standard library only: `SAGEMAKER_BASE_DIR` holds `transform/job.json` and the inputs, and gets
`transform/output`, or `transform/failure`. What it prints has the words of SageMaker's own data log.
"""

import json
import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path

PING_SECONDS = 60.0
_PAUSE_SECONDS = 0.02
_END_SECONDS = 2.0
_MEGABYTE = 1 << 20
_DEFAULT_MEGABYTES = 6
_OK, _CLIENT_FAULT, _SERVER_FAULT = 200, 400, 500
_NO_PING = (
    "AlgorithmError: Model container failed to respond to ping. Please ensure /ping endpoint is implemented and "
    "responds with an HTTP 200 status code"
)
_SEE_LOGS = "See job logs for more information"


class TransformError(Exception):
    """The job cannot go on; the message becomes its FailureReason."""


@dataclass(frozen=True)
class Container:
    """A serving container, by its port."""

    process: "subprocess.Popen[bytes]"
    port: int

    def ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], seconds: float
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def transform(root: Path) -> None:
    """Serve the model in `root`, and transform each file of the input."""
    job = json.loads((root / "transform/job.json").read_text(encoding="utf-8"))
    if job["archive"]:
        _unpack(root / "transform/model" / job["archive"], root / "model")
    container = _started()
    try:
        _wait_for_ping(container)
        job |= _settings(job, container)
        _say(
            f"MaxConcurrentTransforms={job['max_concurrent']}, MaxPayloadInMB={job['max_payload_megabytes']}, "
            f"BatchStrategy={job['strategy']}"
        )
        folder = root / "transform/input"
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder).as_posix()
            target = root / "transform/output" / f"{name}.out"
            target.parent.mkdir(parents=True, exist_ok=True)
            _transform_file(job, container, file, name, target)
    finally:
        _end(container.process)


def _started() -> Container:
    """Start the image's program `serve`, by its name in SageMaker's contract, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = os.environ | {"SAGEMAKER_BIND_TO_PORT": str(port)}
    try:
        process = subprocess.Popen(["serve"], env=variables)  # noqa: S607 - on the container's PATH
    except OSError as error:
        raise TransformError(
            f"AlgorithmError: CannotStartContainerError. The program serve: {error}"
        ) from error
    return Container(process, port)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _wait_for_ping(container: Container) -> None:
    deadline = time.monotonic() + PING_SECONDS
    while container.process.poll() is None and time.monotonic() < deadline:
        try:
            if container.ask("GET", "/ping", None, {}, PING_SECONDS)[0] == _OK:
                return
        except (OSError, HTTPException):
            pass  # it does not listen yet
        time.sleep(_PAUSE_SECONDS)
    raise TransformError(_NO_PING)


def _settings(job: dict[str, object], container: Container) -> dict[str, object]:
    """Return what the request leaves open: what the container asks for, else AWS's defaults."""
    status, body = container.ask("GET", "/execution-parameters", None, {}, PING_SECONDS)
    asked = json.loads(body) if status == _OK else {}
    return {
        "max_concurrent": job["max_concurrent"] or asked.get("MaxConcurrentTransforms", 1),
        "max_payload_megabytes": (
            job["max_payload_megabytes"]
            if job["max_payload_megabytes"] is not None
            else asked.get("MaxPayloadInMB", _DEFAULT_MEGABYTES)
        ),
        "strategy": job["strategy"] or asked.get("BatchStrategy", "MULTI_RECORD"),
    }


def _transform_file(
    job: dict[str, object], container: Container, file: Path, name: str, target: Path
) -> None:
    headers = {
        header: str(value)
        for header, value in (("Content-Type", job["content_type"]), ("Accept", job["accept"]))
        if value
    }
    retries, seconds = int(str(job["retries"])), float(str(job["timeout_seconds"]))

    def answered(payload: bytes) -> bytes:
        for attempt in range(retries + 1):
            status, body = _invoked(container, payload, headers, seconds)
            if status == _OK:
                return body
            _say(f"{name}: Bad HTTP status received from algorithm: {status or 'none, it did not answer'}")
            _say(f"{name}: Message: {body.decode(errors='replace')}")
            if _CLIENT_FAULT <= status < _SERVER_FAULT or attempt == retries:
                kind = "ClientError" if _CLIENT_FAULT <= status < _SERVER_FAULT else "AlgorithmError"
                raise TransformError(f"{kind}: {_SEE_LOGS}")
        raise AssertionError

    with ThreadPoolExecutor(int(str(job["max_concurrent"]))) as executor, target.open("wb") as output:
        for answer in executor.map(answered, payloads(job, file, name)):
            output.write(answer)
            if job["assemble"] == "Line" and not answer.endswith(b"\n"):
                output.write(b"\n")


def _invoked(
    container: Container, payload: bytes, headers: dict[str, str], seconds: float
) -> tuple[int, bytes]:
    try:
        return container.ask("POST", "/invocations", payload, headers, seconds)
    except (OSError, HTTPException) as error:
        return 0, str(error).encode()


def payloads(job: dict[str, object], file: Path, name: str) -> Iterator[bytes]:
    """Return what is sent of a file: each record, or as many together as MaxPayloadInMB lets; 0 is no limit."""
    limit = int(str(job["max_payload_megabytes"])) * _MEGABYTE or sys.maxsize
    many = job["strategy"] == "MULTI_RECORD"
    batch = bytearray()
    for record in _records(job, file):
        if len(record) > limit:
            _say(f"{name}: a record of {len(record)} bytes is larger than MaxPayloadInMB")
            raise TransformError(f"ClientError: {_SEE_LOGS}")
        if batch and (not many or len(batch) + len(record) > limit):
            yield bytes(batch)
            batch.clear()
        batch += record
    if batch:
        yield bytes(batch)


def _records(job: dict[str, object], file: Path) -> Iterator[bytes]:
    if job["split"] == "Line":
        with file.open("rb") as lines:
            yield from lines
    else:
        yield file.read_bytes()


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise TransformError(
            f"ClientError: Failed to extract model data archive {archive.name}: {error}"
        ) from error


def _say(text: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    print(f"{now}:[sagemaker logs]: {text}", flush=True)  # noqa: T201 - the job's log


def main() -> int:
    """Run the job of this process's environment; return its exit status."""
    root = Path(os.environ["SAGEMAKER_BASE_DIR"])
    try:
        transform(root)
    except TransformError as error:
        (root / "transform/failure").write_text(str(error), encoding="utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
