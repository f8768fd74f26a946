"""What a pipeline adds to its jobs: no-op jobs as steps of a state machine, against plain subprocesses.

    python benchmarks/steps.py

Each step is `python -c pass` as a SageMaker processing job with one input and one output in S3, on a local AWS of
its own; the loop beside it starts the same process and waits for it.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from no_op_jobs import seconds, served

STEPS = 10
RUNS = 7
PROGRAM = "from pathlib import Path; import os; Path(os.environ['SAGEMAKER_BASE_DIR'], 'processing/output/o/f').write_text('')"
BUCKET = "steps"


def definition(role: str, image: str) -> dict[str, object]:
    """Return a state machine of no-op jobs in a row."""
    states: dict[str, object] = {}
    for step in range(STEPS):
        states[f"Step {step}"] = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
            "Parameters": {
                "ProcessingJobName.$": f"States.Format('step-{step}-{{}}', $$.Execution.Name)",
                "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["python", "-c", PROGRAM]},
                "RoleArn": role,
                "ProcessingInputs": [
                    {
                        "InputName": "i",
                        "S3Input": {
                            "S3Uri": f"s3://{BUCKET}/input/",
                            "LocalPath": "/opt/ml/processing/input/i",
                            "S3DataType": "S3Prefix",
                            "S3InputMode": "File",
                        },
                    }
                ],
                "ProcessingOutputConfig": {
                    "Outputs": [
                        {
                            "OutputName": "o",
                            "S3Output": {
                                "S3Uri.$": f"States.Format('s3://{BUCKET}/output/{{}}/{step}/', $$.Execution.Name)",
                                "LocalPath": "/opt/ml/processing/output/o",
                                "S3UploadMode": "EndOfJob",
                            },
                        }
                    ]
                },
                "ProcessingResources": {
                    "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
                },
            },
            "ResultPath": None,
            **({"End": True} if step == STEPS - 1 else {"Next": f"Step {step + 1}"}),
        }
    return {"StartAt": "Step 0", "States": states}


def loop_seconds(folder: Path) -> float:
    """Return how long the same processes take in a plain loop."""
    (folder / "processing" / "output" / "o").mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    for _ in range(STEPS):
        subprocess.run([sys.executable, "-c", PROGRAM], check=True, env={"SAGEMAKER_BASE_DIR": str(folder)})
    return time.perf_counter() - begun


def main() -> None:
    """Measure both in turn, on one server, and print the medians."""
    with served() as server:
        s3, states = server.client("s3"), server.client("stepfunctions")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="input/f", Body=b"")
        machine = server.machine("steps", definition(server.role, server.image))
        seconds(states, machine)  # the first one loads API models
        pairs = [(seconds(states, machine), loop_seconds(server.scratch)) for _ in range(RUNS)]
    pipeline, loop = (median(values) / STEPS for values in zip(*pairs, strict=True))
    print(f"a step of a pipeline: {pipeline * 1000:.0f} ms, of which its process: {loop * 1000:.0f} ms")
    print(f"own overhead of a step: {(pipeline - loop) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
