"""SageMaker of the local AWS: jobs that really run, and a registry that keeps what it is given.

moto answers every create call with a job that is Completed at once. Here a job is what it is on AWS: inputs are
brought from S3, one process per instance runs the container's command on the folders of SageMaker's container
contract, and its outputs go back to S3. There is no container: the process runs in this Python, and
`SAGEMAKER_BASE_DIR` names the folder that stands for /opt/ml. Read `engine.py` first.
"""

import logging

from headrace_local import leftovers
from headrace_local.context import current
from headrace_local.files import jobs_folder
from headrace_local.sagemaker import api, models, registry, search, tags
from headrace_local.sagemaker.engine import end_all

logger = logging.getLogger(__name__)


def install() -> None:
    """Replace moto's operations, end what a killed server left running, and end all jobs when this one stops."""
    ended = leftovers.end(jobs_folder(current().home))
    leftovers.tidy(jobs_folder(current().home))
    if ended:
        logger.warning("ended the processes %s of jobs that a killed server had left", ended)
    api.install()
    models.install()
    registry.install()
    search.install()
    tags.install()
    current().before_saving(end_all)
