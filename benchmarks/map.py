"""What a Map of no-op jobs takes, and what executions leave in memory.

    python benchmarks/map.py

A Map of 20 jobs, four at a time, on a local AWS of its own; then 300 executions of one job each, and the server's
resident memory after every hundred.
"""

from pathlib import Path
from statistics import median

from no_op_jobs import seconds, served

ITEMS = 20
CONCURRENCY = 4
RUNS = 5
EXECUTIONS = 300
ROUND = 100


def job(role: str, image: str, name: str) -> dict[str, object]:
    """Return a state that runs a no-op job; `name` is the function that names it."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
        "Parameters": {
            "ProcessingJobName.$": name,
            "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["python", "-S", "-c", "pass"]},
            "RoleArn": role,
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
            },
        },
        "ResultPath": None,
        "End": True,
    }


def mapped(state: dict[str, object]) -> dict[str, object]:
    """Return a state machine that runs a state for each item."""
    processor = {"StartAt": "Run", "States": {"Run": state}}
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"number.$": "$$.Map.Item.Value"},
        "MaxConcurrency": CONCURRENCY,
        "ItemProcessor": processor,
        "End": True,
    }
    return {"StartAt": "Each", "States": {"Each": each}}


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024


def main() -> None:
    """Measure on one server, and print."""
    hashed = "States.Hash($$.Execution.Id, 'MD5')"
    with served() as server:
        states, role, image = server.client("stepfunctions"), server.role, server.image
        each = server.machine(
            "map", mapped(job(role, image, f"States.Format('map-{{}}-{{}}', {hashed}, $.number)"))
        )
        state = job(role, image, f"States.Format('one-{{}}', {hashed})")
        one = server.machine("one", {"StartAt": "Run", "States": {"Run": state}})
        items = {"items": list(range(ITEMS))}
        seconds(states, each, items)  # the first one loads API models
        runs = [seconds(states, each, items) for _ in range(RUNS)]
        print(
            f"{ITEMS} jobs, {CONCURRENCY} at a time: {median(runs):.2f} s (best {min(runs):.2f}, worst {max(runs):.2f})"
        )
        for number in range(EXECUTIONS + 1):
            if number % ROUND == 0:
                print(f"after {number} executions: {resident_megabytes(server.pid):.0f} MB")
            seconds(states, one)


if __name__ == "__main__":
    main()
