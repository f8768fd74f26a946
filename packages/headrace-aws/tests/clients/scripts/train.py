"""The step "Train model" as a person runs it in a notebook, on what `process.py` has prepared.

Arguments: the job role, the key, the data bucket.
"""

import json
import logging
import sys

from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig, SourceCode, StoppingCondition

IMAGE = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/fork:latest"
ROLE, KEY, BUCKET = sys.argv[1:]
RUN = f"s3://{BUCKET}/toy/runs/notebook"

logging.basicConfig(level=logging.INFO)
trainer = ModelTrainer(
    role=ROLE,
    training_image=IMAGE,
    source_code=SourceCode(command="python -m headrace.jobs.train --model toy"),
    base_job_name="fork-notebook",  # the role is for jobs of this project
    compute=Compute(instance_type="ml.m5.large", instance_count=1),
    hyperparameters={"max_depth": 2},
    output_data_config=OutputDataConfig(s3_output_path=f"{RUN}/model/", kms_key_id=KEY),
    stopping_condition=StoppingCondition(max_runtime_in_seconds=100),
)
trainer.train(
    [
        InputData(channel_name=name, data_source=f"{RUN}/{name}/")
        for name in ("train", "validation", "profile")
    ]
)
job = trainer._latest_training_job  # noqa: SLF001 - the SDK's own way to it
job.refresh()
shown = {
    "name": job.training_job_name,
    "status": job.training_job_status,
    "artefact": job.model_artifacts.s3_model_artifacts,
    "secondary": [one.status for one in job.secondary_status_transitions],
}
print("result:", json.dumps(shown))  # noqa: T201 - the test reads it
