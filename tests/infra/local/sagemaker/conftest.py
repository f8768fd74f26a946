"""What the tests of jobs share: one role and one bucket on the shared local AWS."""

import pytest

from tests.conftest import LocalAws
from tests.infra.local.sagemaker.running import Jobs, jobs_on


@pytest.fixture(scope="session")
def jobs(local_aws: LocalAws) -> Jobs:
    return jobs_on(local_aws.client, local_aws.home)
