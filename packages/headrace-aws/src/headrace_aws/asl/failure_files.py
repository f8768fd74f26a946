"""A failed job's error as a file in the data bucket, `failure.json`, for a later job of the run to read."""

from collections.abc import Sequence

from headrace_aws.asl import placeholders
from headrace_aws.asl.expressions import Expression, merged, path
from headrace_aws.asl.jobs import Pipeline
from headrace_aws.asl.outcomes import EXPLANATION, call
from headrace_aws.asl.retries import catch as caught
from headrace_aws.asl.states import Fields, Rule, State, choice, compute, is_present

FILE = "failure.json"


def failure_file_states(  # noqa: PLR0913 - two states with their names, and where they lie
    describe: str, write: str, key: Expression, *, at: str, catch: Sequence[Fields], then: str | None = None
) -> tuple[State, State]:
    """Return the states that write the error at `$.error` into a file, and keep it at `<at>.error`."""
    body = {"Error": path(f"{at}.error.Error"), "Cause": path(f"{at}.error.Cause")}
    return (
        compute(describe, {"error": merged(path("$.unexplained"), path("$.error"))}, at=at),
        call(
            write,
            "aws-sdk:s3:putObject",
            {
                "Bucket": placeholders.DATA_BUCKET,
                "Key": key,
                "ContentType": "application/json",
                "Body": body,
            },
            catch=catch,
            then=then,
        ),
    )


def without_unreadable(pipeline: Pipeline, name: str, *, at: str, job: str) -> tuple[State, ...]:
    """Return the states that start a job once more when the version at a path may be why it failed.

    A version that is gone, or that the job may not read, must not stop every run from now on. What was said of it
    takes its place as the job's input. The job can tell what to do without it; one that fails again fails the run.

    Args:
        pipeline: whose run it is.
        name: what the version is, such as `champion`.
        at: path of what was looked up: `<at>.version` is the version's `arn` and `artefact`.
        job: name of the state that runs the job.

    """
    found = path(f"{at}.version.arn")
    return (
        choice(
            cause_question(name),
            Rule(is_present(unreadable(at)), then=EXPLANATION),
            Rule(is_present(f"{at}.version"), then=f"Describe failure with {name}"),
            otherwise=EXPLANATION,
        ),
        *failure_file_states(
            f"Describe failure with {name}",
            f"Write failure with {name}",
            pipeline.key(f"{name}/{FILE}"),
            at=unreadable(at),
            catch=caught(EXPLANATION),
        ),
        compute(
            f"Leave {name} out",
            {"arn": found, "artefact": pipeline.uri(f"{name}/")},
            at=f"{at}.version",
            then=job,
        ),
    )


def cause_question(name: str) -> str:
    """Return the name of the state that asks whether a version is why a job failed."""
    return f"Is it the {name}?"


def unreadable(at: str) -> str:
    """Return the path that is present once a job has failed with the version looked up at a path."""
    return f"{at}.failure"
