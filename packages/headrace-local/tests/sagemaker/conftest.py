"""What the tests of jobs share: one role and one bucket on the shared local AWS."""

import pytest
from local_jobs import Jobs, jobs_on

from headrace_local.testing import LocalAws


@pytest.fixture(scope="session")
def jobs(local_aws: LocalAws) -> Jobs:
    return jobs_on(local_aws.client, local_aws.home)
