"""A model in an environment: its names there, and the clients that read its records, its versions and its data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace_aws import naming
from headrace_aws.config.project import Project
from headrace_aws.session import AwsSession

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class ModelContext:
    """A model of the project in an environment."""

    aws: AwsSession
    project: Project
    model: str

    @property
    def table(self) -> str:
        """Name of the run table."""
        return naming.run_table(self.project)

    @property
    def bucket(self) -> str:
        """Name of the data bucket."""
        return naming.data_bucket(self.project, self.aws.environment)

    @property
    def group(self) -> str:
        """Name of the group that holds the model's versions."""
        return naming.model_package_group(self.project, self.model)

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """The client of the run table."""
        client: DynamoDBClient = self.aws.client("dynamodb")
        return client

    @property
    def s3(self) -> "S3Client":
        """The client of the data bucket."""
        client: S3Client = self.aws.client("s3")
        return client

    @property
    def sagemaker(self) -> "SageMakerClient":
        """The client of the registry."""
        client: SageMakerClient = self.aws.client("sagemaker")
        return client

    @property
    def states(self) -> "SFNClient":
        """The client of Step Functions."""
        client: SFNClient = self.aws.client("stepfunctions")
        return client
