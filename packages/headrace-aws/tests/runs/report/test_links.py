"""Addresses of the console."""

import pytest

from headrace_aws.runs.history import Job
from headrace_aws.runs.report.links import execution_link, job_link, log_link, object_link


def test_a_log_is_quoted_twice() -> None:
    """As the console has it: a slash is $252F."""
    assert log_link("eu-west-1", Job("ProcessingJob", "mill-prepare-1")).endswith(
        "#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FProcessingJobs"
        "$3FlogStreamNameFilter$3Dmill-prepare-1$252F"
    )


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_each_partition_has_its_console(region: str, domain: str) -> None:
    """Of the run's own region."""
    arn = f"arn:aws:states:{region}:000000000000:execution:mill:run"
    assert (
        execution_link(region, arn)
        == f"https://{domain}/states/home?region={region}#/v2/executions/details/{arn}"
    )
    assert job_link(region, Job("TransformJob", "t")).startswith(f"https://{domain}/sagemaker/")


def test_a_folder_and_an_object_have_pages_of_their_own() -> None:
    """A URI that ends in a slash is a folder."""
    assert "/s3/buckets/b?" in object_link("eu-west-1", "s3://b/folder/")
    assert object_link("eu-west-1", "s3://b/a b&c").endswith("/s3/object/b?region=eu-west-1&prefix=a%20b%26c")
