"""The step "Prepare data" as a person runs it in a notebook: a processing job of the project's image, and a script.

Arguments: the job role, the key, the data bucket.
"""

import logging
import sys
from pathlib import Path

from sagemaker.core.processing import Processor, ScriptProcessor
from sagemaker.core.shapes import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
)

IMAGE = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/fork:latest"
ROLE, KEY, BUCKET = sys.argv[1:]


def given(name: str, uri: str) -> ProcessingInput:
    """Return an input in its folder."""
    source = ProcessingS3Input(
        s3_uri=uri,
        local_path=f"/opt/ml/processing/input/{name}",
        s3_data_type="S3Prefix",
        s3_input_mode="File",
    )
    return ProcessingInput(input_name=name, s3_input=source)


def made(name: str) -> ProcessingOutput:
    """Return an output in its folder."""
    target = ProcessingS3Output(
        s3_uri=f"s3://{BUCKET}/toy/runs/notebook/{name}/",
        local_path=f"/opt/ml/processing/output/{name}",
        s3_upload_mode="EndOfJob",
    )
    return ProcessingOutput(output_name=name, s3_output=target)


logging.basicConfig(level=logging.INFO)
where = {
    "role": ROLE,
    "image_uri": IMAGE,
    "instance_type": "ml.m5.large",
    "instance_count": 1,
    "base_job_name": "fork-notebook",  # the role is for jobs of this project
    "output_kms_key": KEY,
    "max_runtime_in_seconds": 60,
}
prepare = Processor(entrypoint=["python", "-m", "headrace.jobs.prepare"], **where)
prepare.run(
    inputs=[given("raw", f"s3://{BUCKET}/toy/raw/notebook/")],
    outputs=[made(name) for name in ("train", "validation", "profile", "test")],
    arguments=["--model", "toy"],
)
prepare.latest_job.refresh()
print("prepared:", prepare.latest_job.processing_job_status)  # noqa: T201 - the test reads it

count = ScriptProcessor(command=["python3"], **where)
count.run(
    code=str(Path(__file__).with_name("count.py")),
    inputs=[given("train", f"s3://{BUCKET}/toy/runs/notebook/train/")],
    outputs=[made("count")],
    arguments=["--from", "/opt/ml/processing/input/train"],
)
