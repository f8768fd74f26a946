"""The role that makes the stacks, against what AWS publishes of each resource type; and whom every role trusts."""

import importlib.util
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.infra.grants import text
from tests.infra.required_permissions import PROJECT
from tests.infra.templates import STACKS, TEMPLATES, as_list, policies, resources, template

BOOTSTRAP = STACKS / "bootstrap.yaml"
PERMISSIONS = STACKS / "permissions.yaml"
MADE_BY_THE_ROLE = ("data", "pipelines", "automation")
GITHUB = "token.actions.githubusercontent.com"
# Quotas of IAM, in characters without white space: the inline policies of a role together, and a managed policy.
INLINE_CHARACTERS, MANAGED_CHARACTERS = 10_240, 6_144

# Actions that a type's schema asks for only because of a property that no stack sets.
OF_UNSET_PROPERTIES = {
    ("AWS::DynamoDB::Table", "ContributorInsightsSpecification"): "dynamodb:UpdateContributorInsights",
    ("AWS::DynamoDB::Table", "ImportSourceSpecification"): (
        "dynamodb:ImportTable dynamodb:DescribeImport logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents "
        "s3:GetObjectMetadata"
    ),
    ("AWS::DynamoDB::Table", "KinesisStreamSpecification"): (
        "dynamodb:*KinesisStreamingDestination kinesis:* iam:CreateServiceLinkedRole"
    ),
    ("AWS::DynamoDB::Table", "ResourcePolicy"): "dynamodb:*ResourcePolicy",
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification"): "dynamodb:UpdateTimeToLive",
    ("AWS::IAM::ManagedPolicy", "Groups"): "iam:*GroupPolicy",
    ("AWS::IAM::ManagedPolicy", "Users"): "iam:*UserPolicy",
    ("AWS::Logs::LogGroup", "BearerTokenAuthenticationEnabled"): "logs:PutBearerTokenAuthentication",
    ("AWS::Logs::LogGroup", "DataProtectionPolicy"): (
        "logs:PutDataProtectionPolicy logs:CreateLogDelivery firehose:TagDeliveryStream s3:REST.PUT.OBJECT"
    ),
    ("AWS::Logs::LogGroup", "DeletionProtectionEnabled"): "logs:PutLogGroupDeletionProtection",
    ("AWS::Logs::LogGroup", "FieldIndexPolicies"): "logs:*IndexPolicy",
    ("AWS::Logs::LogGroup", "ResourcePolicyDocument"): "logs:*ResourcePolicy",
    ("AWS::S3::Bucket", "AbacStatus"): "s3:PutBucketAbac",
    ("AWS::S3::Bucket", "AccelerateConfiguration"): "s3:PutAccelerateConfiguration",
    ("AWS::S3::Bucket", "AccessControl"): "s3:*Acl",
    ("AWS::S3::Bucket", "AnalyticsConfigurations"): "s3:*AnalyticsConfiguration",
    ("AWS::S3::Bucket", "CorsConfiguration"): "s3:*BucketC?RS s3:*BucketCors",
    ("AWS::S3::Bucket", "IntelligentTieringConfigurations"): "s3:PutIntelligentTieringConfiguration",
    ("AWS::S3::Bucket", "InventoryConfigurations"): "s3:PutInventoryConfiguration",
    ("AWS::S3::Bucket", "MetadataConfiguration"): "s3:*BucketMetadata* s3tables:*",
    ("AWS::S3::Bucket", "MetricsConfigurations"): "s3:*MetricsConfiguration",
    ("AWS::S3::Bucket", "ObjectLockConfiguration"): "s3:*ObjectLockConfiguration",
    ("AWS::S3::Bucket", "ReplicationConfiguration"): "s3:*Replication*",
    ("AWS::S3::Bucket", "WebsiteConfiguration"): "s3:*BucketWebsite",
    ("AWS::SNS::Topic", "DataProtectionPolicy"): "sns:PutDataProtectionPolicy",
    ("AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupPolicy"): "sagemaker:PutModelPackageGroupPolicy",
    ("AWS::StepFunctions::StateMachine", "EncryptionConfiguration"): "kms:GenerateDataKey",
}
# And these for reasons of their own.
NOT_GRANTED = {
    "dynamodb:AssociateTableReplica": "replicas: of global tables, which are another type",
    "dynamodb:CreateTableReplica": "replicas",
    "dynamodb:BatchWriteItem": "replicas: the items, which are none of CloudFormation's business",
    "dynamodb:DeleteItem": "replicas",
    "dynamodb:GetItem": "replicas",
    "dynamodb:PutItem": "replicas",
    "dynamodb:Query": "replicas",
    "dynamodb:Scan": "replicas",
    "dynamodb:UpdateItem": "replicas",
    "iam:DeleteRolePermissionsBoundary": "no role loses its ceiling",
    "s3:DeleteBucketEncryption": "no bucket loses its encryption",
    "s3:DeleteBucketLifecycle": "no bucket loses its rules",
    "s3:DeleteObject": "the objects are none of CloudFormation's business",
    "s3:GetObjectVersion": "a definition's key holds its hash, and no version is named",
}


@cache
def schema(kind: str) -> dict[str, Any]:
    """Return the schema that AWS publishes of a resource type, as cfn-lint ships it."""
    found = importlib.util.find_spec("cfnlint")
    assert found
    assert found.origin
    folder = Path(found.origin).parent / "data" / "schemas"
    index = json.loads((folder / "providers" / "us-east-1.json").read_bytes())
    made: dict[str, Any] = json.loads((folder / "resources" / f"{index[kind]}.json").read_bytes())
    return made


def made_by_the_role() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield type and properties of each resource that the service role makes."""
    for stack in MADE_BY_THE_ROLE:
        for resource in resources(STACKS / f"{stack}.yaml").values():
            yield resource["Type"], resource["Properties"]


def published() -> set[str]:
    """Return the actions that the schemas of these types ask for, to make, read, change and delete them."""
    return {
        action
        for kind in {kind for kind, _ in made_by_the_role()}
        for handler, required in schema(kind)["handlers"].items()
        if handler != "list"
        for action in required["permissions"]
    }


def granted() -> set[str]:
    """Return the actions that the service role may do."""
    role = resources(PERMISSIONS)["CloudFormationRole"]["Properties"]
    return {
        action
        for statement in policies(role["Policies"])
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }


class TestServiceRole:
    def test_nothing_is_beyond(self) -> None:
        """The role may do nothing that the schemas of what it makes do not ask for."""
        assert granted() - published() == set()

    def test_nothing_is_missing(self) -> None:
        """What the schemas ask for and the role may not belongs to a property that is not set, or has its reason."""
        unset = {action for actions in OF_UNSET_PROPERTIES.values() for action in actions.split()}
        missing = published() - granted()
        assert {
            action
            for action in missing
            if action not in NOT_GRANTED and not any(fnmatchcase(action, each) for each in unset)
        } == set()

    def test_every_explanation_is_needed(self) -> None:
        """A table of exceptions that explains what is not missing explains nothing."""
        missing = published() - granted()
        assert NOT_GRANTED.keys() <= missing
        for actions in OF_UNSET_PROPERTIES.values():
            assert all(
                any(fnmatchcase(action, each) for action in missing) for each in actions.split()
            ), actions

    @pytest.mark.parametrize(("kind", "unset"), OF_UNSET_PROPERTIES)
    def test_unset_properties_are_unset(self, kind: str, unset: str) -> None:
        """The property exists, and no stack sets it: whoever sets it first is told here to grant its actions."""
        assert unset in schema(kind)["properties"]
        assert not [
            properties for made, properties in made_by_the_role() if made == kind and unset in properties
        ]


ROLES = [(file.name, name) for file in TEMPLATES for name in resources(file, "AWS::IAM::Role")]


@pytest.mark.parametrize(("file", "role"), ROLES)
class TestEveryRole:
    def test_it_trusts_one_service_or_github(self, file: str, role: str) -> None:
        """A role is for one service, or for one kind of job of one repository, by equality and no pattern."""
        properties = resources(STACKS / file)[role]["Properties"]
        [statement] = properties["AssumeRolePolicyDocument"]["Statement"]
        [(kind, principal)] = statement["Principal"].items()
        if kind == "Service":
            assert isinstance(principal, str)
            assert principal.endswith(".amazonaws.com")
            assert statement["Action"] == "sts:AssumeRole"
            return
        assert kind == "Federated"
        assert "OidcProvider" in str(principal)
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert set(statement["Condition"]) == {"StringEquals"}
        claims = statement["Condition"]["StringEquals"]
        assert claims[f"{GITHUB}:aud"] == "sts.amazonaws.com"
        subject = claims[f"{GITHUB}:sub"]["Fn::Sub"]
        assert re.fullmatch(
            r"\$\{GitHubSubject\}:(pull_request|ref:refs/heads/main|environment:(preview|\$\{EnvironmentName\}))",
            subject,
        )

    def test_its_policies_fit(self, file: str, role: str) -> None:
        """IAM takes so many characters of inline policies, and no more; with the longest name of a project."""
        found = resources(STACKS / file)[role]["Properties"].get("Policies", [])
        assert sum(characters(each) for each in policy_documents(found)) <= INLINE_CHARACTERS


def test_managed_policies_fit() -> None:
    """IAM takes so many characters of a managed policy, and no more."""
    sizes = {
        f"{file.name} {name}": characters(resource["Properties"]["PolicyDocument"])
        for file in TEMPLATES
        for name, resource in resources(file, "AWS::IAM::ManagedPolicy").items()
    }
    assert {name: size for name, size in sizes.items() if size > MANAGED_CHARACTERS} == {}


@pytest.mark.parametrize(
    "subject", ["repo:org/*", "repo:*", "repo:org/name:*", "repo:o?g/name", "*", "org/name"]
)
def test_no_wildcard_gets_into_a_trust_policy(subject: str) -> None:
    """What fills in the subject of a trust policy names one repository, or the stack is refused."""
    pattern = template(BOOTSTRAP).parameters["GitHubSubject"]["AllowedPattern"]
    assert re.search(pattern, subject) is None
    assert re.search(pattern, "repo:org@1/name@2")


def policy_documents(value: Any) -> Iterator[Any]:
    """Yield the policy documents in a value of a template."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [inner] if key == "PolicyDocument" else policy_documents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from policy_documents(inner)


def characters(document: Any) -> int:
    """Return the length of a policy document without white space, under the longest name of a project."""
    return len(
        json.dumps(filled(document), separators=(",", ":")).replace(PROJECT, "p" * 15).replace(" ", "")
    )


def filled(value: Any) -> Any:
    """Return a part of a template with its names filled in; of an If, what it is when the condition holds."""
    match value:
        case {"Fn::If": [_, {"Ref": "AWS::NoValue"}, inner]} | {"Fn::If": [_, inner, *_]}:
            return filled(inner)
        case {"Ref": _} | {"Fn::GetAtt": _} | {"Fn::Sub": _} | {"Fn::Sub": _} | {"Fn::ImportValue": _}:
            return text(value)
        case dict():
            return {key: filled(inner) for key, inner in value.items()}
        case list():
            return [filled(inner) for inner in value]
    return value
