"""SageMaker of the local AWS: jobs that really run, and a registry that keeps what it is given.

moto answers every create call with a job that is Completed at once. Here a job is what it is on AWS: inputs are
brought from S3, one process per instance runs the container's command on the folders of SageMaker's container
contract, and its outputs go back to S3. There is no container: the process runs in this Python, and
`SAGEMAKER_BASE_DIR` names the folder that stands for /opt/ml. Read `engine.py` first.
"""

from infra.local.context import current
from infra.local.sagemaker import api, registry
from infra.local.sagemaker.engine import end_all


def install() -> None:
    """Put our parts in place of moto's, and have running jobs ended before the server saves its state."""
    api.install()
    registry.install()
    current().before_saving(end_all)
