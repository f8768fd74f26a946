"""A pipeline of the project on the local AWS."""

from uuid import uuid4

import pytest

from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.session import aws_session
from headrace_local.testing import LocalAws


@pytest.fixture
def pipeline(local_aws: LocalAws) -> DeployedPipeline:
    """A pipeline with a name of its own and clients of its own, that is not deployed."""
    project = load_project()
    aws = aws_session(project, LOCAL, local_aws.home)
    return DeployedPipeline(aws, project, next(iter(project.models)), f"p{uuid4().hex[:8]}")
