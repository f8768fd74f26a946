"""ListTrainingJobs and ListProcessingJobs."""

import pytest
from local_jobs import Jobs


@pytest.fixture(scope="module")
def listed(jobs: Jobs) -> Jobs:
    for name, code in (("b", "pass"), ("a", "sys.exit(1)"), ("c", "pass")):
        jobs.run(jobs.processing(f"list-processing-{name}", code))
        jobs.run(jobs.training(f"list-training-{name}", code))
    return jobs


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "bac"),
        ({"SortOrder": "Descending"}, "cab"),
        ({"SortBy": "Name"}, "abc"),
        ({"SortBy": "Status"}, "bca"),
        ({"StatusEquals": "Failed"}, "a"),
        ({"StatusEquals": "InProgress"}, ""),
    ],
)
def test_jobs_are_filtered_and_sorted(listed: Jobs, query: dict[str, str], names: str) -> None:
    """By part of the name, status, and any of the three orders; the oldest first by default."""
    processing = listed.api.list_processing_jobs(NameContains="list-", **query)["ProcessingJobSummaries"]
    training = listed.api.list_training_jobs(NameContains="list-", **query)["TrainingJobSummaries"]
    assert [job["ProcessingJobName"] for job in processing] == [f"list-processing-{name}" for name in names]
    assert [job["TrainingJobName"] for job in training] == [f"list-training-{name}" for name in names]


def test_pages_follow_each_other(listed: Jobs) -> None:
    """NextToken leads through all jobs, once each."""
    pages = listed.api.get_paginator("list_training_jobs").paginate(NameContains="list-", MaxResults=2)
    names = [[job["TrainingJobName"] for job in page["TrainingJobSummaries"]] for page in pages]
    assert names == [["list-training-b", "list-training-a"], ["list-training-c"]]


def test_times_are_a_filter(listed: Jobs) -> None:
    """A job made at the very moment is neither before nor after it."""
    moment = listed.api.describe_training_job(TrainingJobName="list-training-a")["CreationTime"]
    later = listed.api.list_training_jobs(NameContains="list-", CreationTimeAfter=moment)[
        "TrainingJobSummaries"
    ]
    assert [job["TrainingJobName"] for job in later][-1:] == ["list-training-c"]
    assert "list-training-b" not in [job["TrainingJobName"] for job in later]
