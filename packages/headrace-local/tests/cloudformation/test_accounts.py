"""What an account is set up with: identity providers, image repositories, budgets."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_an_identity_provider_changes_in_place(cloud: Any) -> None:
    """Ref is the ARN, which stays when audiences and tags change; a second one for an address is refused."""
    host = f"{cloud.name('issuer')}.example.com"

    def provider(**properties: Any) -> dict[str, Any]:
        return {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": f"https://{host}", **properties}}

    cloud.create({"Provider": provider(ClientIdList=["one"], Tags=[{"Key": "a", "Value": "1"}])})
    iam, arn = cloud.client("iam"), cloud.physical_id("Provider")
    assert arn == f"arn:aws:iam::000000000000:oidc-provider/{host}"
    cloud.create({"Other": provider()}, stack="other", ends="ROLLBACK_COMPLETE")
    cloud.update({"Provider": provider(ClientIdList=["one"])})
    assert not iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"]
    cloud.update({"Provider": provider(ClientIdList=["two"], Tags=[{"Key": "b", "Value": "2"}])})
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (found["ClientIDList"], found["Tags"]) == (["two"], [{"Key": "b", "Value": "2"}])
    cloud.delete()
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def test_a_repository_changes_in_place(cloud: Any) -> None:
    """Mutability, scan, lifecycle, policy and tags change, and go with their property; the rest needs a new one."""
    name = cloud.name("repository")
    lifecycle = json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5},
                    "action": {"type": "expire"},
                }
            ]
        }
    )
    statement = {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}

    def repository(**properties: Any) -> dict[str, Any]:
        return {
            "R": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": name, **properties}},
        }

    outputs = {
        "Uri": {"Value": {"Fn::GetAtt": ["R", "RepositoryUri"]}},
        "Arn": {"Value": {"Fn::GetAtt": ["R", "Arn"]}},
    }
    cloud.create(
        repository(
            ImageTagMutability="IMMUTABLE",
            ImageScanningConfiguration={"ScanOnPush": True},
            EncryptionConfiguration={"EncryptionType": "AES256"},
            LifecyclePolicy={"LifecyclePolicyText": lifecycle},
            RepositoryPolicyText={"Version": "2012-10-17", "Statement": [statement]},
            Tags=[{"Key": "a", "Value": "1"}],
        ),
        Outputs=outputs,
    )
    ecr = cloud.client("ecr")

    def found() -> Any:
        return ecr.describe_repositories(repositoryNames=[name])["repositories"][0]

    assert cloud.outputs() == {"Uri": found()["repositoryUri"], "Arn": found()["repositoryArn"]}
    assert found()["imageTagMutability"] == "IMMUTABLE"
    assert found()["imageScanningConfiguration"] == {"scanOnPush": True}
    assert json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
    assert json.loads(ecr.get_repository_policy(repositoryName=name)["policyText"])["Statement"]
    cloud.update(
        repository(EncryptionConfiguration={"EncryptionType": "AES256"}, Tags=[{"Key": "b", "Value": "2"}]),
        Outputs=outputs,
    )
    assert found()["imageTagMutability"] == "MUTABLE"
    assert found()["imageScanningConfiguration"] == {"scanOnPush": False}
    tags = ecr.list_tags_for_resource(resourceArn=found()["repositoryArn"])["tags"]
    assert tags == [{"Key": "b", "Value": "2"}]
    for gone in (ecr.get_lifecycle_policy, ecr.get_repository_policy):
        with pytest.raises(ClientError, match="NotFound"):
            gone(repositoryName=name)
    cloud.update(repository(), Outputs=outputs, ends="UPDATE_ROLLBACK_COMPLETE")
    assert f"Rename {name}" in cloud.reasons()["R"]
    cloud.delete()
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        found()


def test_a_repository_with_images_stays_unless_it_may_be_emptied(cloud: Any) -> None:
    """As on AWS the deletion fails, until EmptyOnDelete is set."""

    def repository(**properties: Any) -> dict[str, Any]:
        return {"R": {"Type": "AWS::ECR::Repository", "Properties": properties}}

    cloud.create(repository())
    name = cloud.physical_id("R")
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 1,
            "digest": "sha256:0",
        },
        "layers": [],
    }
    cloud.client("ecr").put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="a")
    cloud.delete()
    assert "RepositoryNotEmptyException" in cloud.reasons()["R"]
    cloud.client("ecr").batch_delete_image(repositoryName=name, imageIds=[{"imageTag": "a"}])
    cloud.delete()


def test_a_budget_changes_in_place_and_is_new_for_other_subscribers(cloud: Any) -> None:
    """Its amount is changed; whom it tells is fixed, so another address makes another budget."""

    def budget(amount: int, address: str) -> dict[str, Any]:
        notification = {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": 80,
        }
        properties = {
            "Budget": {
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": amount, "Unit": "USD"},
            },
            "NotificationsWithSubscribers": [
                {
                    "Notification": notification,
                    "Subscribers": [{"SubscriptionType": "EMAIL", "Address": address}],
                }
            ],
        }
        return {"Budget": {"Type": "AWS::Budgets::Budget", "Properties": properties}}

    cloud.create(budget(100, "a@example.com"))
    budgets, name = cloud.client("budgets"), cloud.physical_id("Budget")

    def limit(named: str) -> str:
        found = budgets.describe_budget(AccountId="000000000000", BudgetName=named)["Budget"]
        return str(found["BudgetLimit"]["Amount"])

    assert limit(name) == "100"
    cloud.update(budget(200, "a@example.com"))
    assert (cloud.physical_id("Budget"), limit(name)) == (name, "200")
    told = budgets.describe_notifications_for_budget(AccountId="000000000000", BudgetName=name)
    assert [each["Threshold"] for each in told["Notifications"]] == [80]
    cloud.update(budget(200, "b@example.com"))
    assert cloud.physical_id("Budget") != name
    with pytest.raises(budgets.exceptions.NotFoundException):
        limit(name)
