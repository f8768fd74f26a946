"""A model package, registered and judged as a person does it in a notebook.

`ModelPackage.create` of sagemaker-core 2.27 makes the package, and then fails: it reads `ModelPackageName` from the
answer, and the API gives `ModelPackageArn` alone. Arguments: the group, the URI of a model.
"""

import json
import sys

from sagemaker.core.helper.session_helper import Session
from sagemaker.core.model_registry import create_model_package_from_containers
from sagemaker.core.resources import ModelPackage, ModelPackageGroup, TrainingJob

IMAGE = "000000000000.dkr.ecr.eu-central-1.amazonaws.com/fork:latest"
GROUP, ARTEFACT = sys.argv[1:]

made = create_model_package_from_containers(
    Session(),
    model_package_group_name=GROUP,
    containers=[{"Image": IMAGE, "ModelDataUrl": ARTEFACT}],
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=["ml.m5.large"],
    transform_instances=["ml.m5.large"],
    customer_metadata_properties={"by": "a person"},
)
package = ModelPackage.get(made["ModelPackageArn"])
package.update(model_approval_status="Approved", approval_description="good enough")
package.refresh()
approved = ModelPackage.get_all(model_package_group_name=GROUP, model_approval_status="Approved")
shown = {
    "arn": package.model_package_arn,
    "version": package.model_package_version,
    "status": package.model_package_status,
    "approval": package.model_approval_status,
    "artefact": package.inference_specification.containers[0].model_data_url,
    "metadata": package.customer_metadata_properties,
    "group": ModelPackageGroup.get(GROUP).model_package_group_status,
    "approved": [one.model_package_arn for one in approved],
    "trainings": [one.training_job_name for one in TrainingJob.get_all(name_contains="fork-notebook")],
}
print("result:", json.dumps(shown))  # noqa: T201 - the test reads it
