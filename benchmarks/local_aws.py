"""What the local AWS costs beside a plain moto server: start, calls, and large objects; and what it does when idle.

    python benchmarks/local_aws.py

Both servers run in turn, each in a process of its own; the deployment is that of this project's first model.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import boto3
from botocore.config import Config

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.deploy.deployment import deploy
from headrace_aws.release.manifest import work_tree
from headrace_aws.session import aws_session
from headrace_local.lifecycle import start, stop

CALLS = 200
MEGABYTES = 100
IDLE_SECONDS = 10


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def client(service: str, endpoint: str) -> "boto3.client":
    """Return a client that talks to a server on this machine."""
    session = boto3.Session("local", "local", region_name="us-east-1")
    return session.client(service, endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))


@contextmanager
def plain_moto() -> Iterator[tuple[str, float]]:
    """Run moto's own server; give its address and the seconds of its start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                client("sts", endpoint).get_caller_identity()
                break
            except Exception:  # noqa: BLE001 - not there yet
                time.sleep(0.05)
        yield endpoint, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait()


def measured(endpoint: str) -> dict[str, float]:
    """Return what one server does: milliseconds a call, and MB/s of a large object both ways."""
    s3, dynamodb = client("s3", endpoint), client("dynamodb", endpoint)
    s3.create_bucket(Bucket="bench")
    dynamodb.create_table(
        TableName="bench",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
    )
    body = os.urandom(MEGABYTES * 1_000_000)
    s3.put_object(Bucket="bench", Key="warm", Body=b"x")
    return {
        "put MB/s": MEGABYTES / seconds(lambda: s3.put_object(Bucket="bench", Key="o", Body=body)),
        "get MB/s": MEGABYTES / seconds(lambda: fetched(s3)),
        "ms a call": 1000
        * median(
            seconds(lambda: dynamodb.put_item(TableName="bench", Item={"k": {"S": "v"}}))
            for _ in range(CALLS)
        ),
    }


def fetched(s3: "boto3.client") -> bytes:
    """Return the large object."""
    return bytes(s3.get_object(Bucket="bench", Key="o")["Body"].read())


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure both servers in turn, and print the figures."""
    with plain_moto() as (endpoint, started):
        moto = {"start s": started, **measured(endpoint)}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        begun = time.perf_counter()
        server = start(home)
        ours = {"start s": time.perf_counter() - begun}
        try:
            ours |= measured(server.endpoint)
            project = load_project()
            model = next(iter(project.models))
            release = work_tree(project=project)
            aws = aws_session(project, LOCAL, home)
            cold = seconds(lambda: deploy(aws, release, model, lambda _: None))
            warm = seconds(lambda: deploy(aws, release, model, lambda _: None))
            time.sleep(3)  # the state is saved after a deployment
            used = cpu_seconds(server.pid)
            time.sleep(IDLE_SECONDS)
            idle = cpu_seconds(server.pid) - used
        finally:
            stop(home)
    for name, value in moto.items():
        print(f"{name:10} moto {value:8.2f}  ours {ours[name]:8.2f}  ratio {ours[name] / value:.2f}")
    print(f"deploy of three stacks: {cold:.2f} s, again without a change {warm:.2f} s")
    print(f"processor time when idle: {idle:.2f} s in {IDLE_SECONDS} s")


if __name__ == "__main__":
    main()
