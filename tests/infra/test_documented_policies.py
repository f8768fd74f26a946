"""The training role against the policies that AWS documents, which no local run can prove."""

from collections.abc import Mapping

import pytest

from tests.infra.templates import STACKS, allowed, as_list

# "IAM policies for Amazon SageMaker" in the developer guide of Step Functions (dg/sagemaker-iam.html), for
# CreateTrainingJob, Run a Job (.sync). It names ListTags on every resource, which takes a narrower one too.
# Processing jobs are granted alike.
SYNC = {
    "{kind}-job/": {
        "sagemaker:Create{Kind}Job",
        "sagemaker:Describe{Kind}Job",
        "sagemaker:Stop{Kind}Job",
        "sagemaker:ListTags",
    },
    "JobRole": {"iam:PassRole"},
    "rule/StepFunctionsGetEventsForSageMaker{Kind}JobsRule": {
        "events:PutTargets",
        "events:PutRule",
        "events:DescribeRule",
    },
}
# The managed policy AmazonSageMakerModelRegistryFullAccess (version 2 and later): what of it is for registering
# a version. The rest is for the console, for endpoints and for resource groups.
REGISTRY = {
    "model-package/${ProjectName}-${ModelName}/": {
        "sagemaker:CreateModelPackage",
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
    },
    "/${ModelName}/runs/training/*/train/*": {"s3:GetObject"},
    "/${ModelName}/runs/training/*/evaluate/evaluation/*": {"s3:GetObject"},
    "repository/${ProjectName}": {"ecr:BatchGetImage", "ecr:DescribeImages"},
}


@pytest.mark.parametrize(
    "documented",
    [
        *(
            {
                place.format(kind=kind, Kind=kind.title()): {
                    action.format(Kind=kind.title()) for action in actions
                }
                for place, actions in SYNC.items()
            }
            for kind in ("training", "processing")
        ),
        REGISTRY,
    ],
    ids=["training", "processing", "registry"],
)
def test_the_role_has_what_aws_documents(documented: Mapping[str, set[str]]) -> None:
    """Every documented action is granted on the resource that the pipeline uses it on."""
    statements = allowed(STACKS / "pipelines.yaml", "TrainingRole")
    for place, wanted in documented.items():
        granted = {
            action
            for statement in statements
            if any(place in str(resource) for resource in as_list(statement["Resource"]))
            for action in as_list(statement["Action"])
        }
        assert wanted - granted == set(), place


def test_the_key_of_what_is_read_can_be_used_through_s3() -> None:
    """Artefact and evaluation are encrypted: who reads them through S3 may decrypt."""
    [statement] = [
        statement
        for statement in allowed(STACKS / "pipelines.yaml", "TrainingRole")
        if "kms:Decrypt" in as_list(statement["Action"])
    ]
    services = statement["Condition"]["StringEquals"]["kms:ViaService"]
    assert any(service["Fn::Sub"].startswith("s3.") for service in services)
