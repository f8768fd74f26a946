"""Publication of predictions: one object a date, put in place by one copy, and a manifest beside it."""

from collections.abc import Sequence

from headrace_aws.asl import placeholders
from headrace_aws.asl.expressions import EXECUTION, Expression, path, text
from headrace_aws.asl.jobs import Pipeline
from headrace_aws.asl.outcomes import call
from headrace_aws.asl.states import Fields, State

FILE = "predictions.parquet"
MANIFEST = "_manifest.json"  # query engines pass over names that begin so
COPY_SECONDS = 1800  # for the largest object that one copy takes, 5 GB


def folder(model: str) -> Expression:
    """Return the S3 URI of the date's predictions."""
    return text(f"s3://{placeholders.DATA_BUCKET}/{model}/predictions/{{}}/", path("$.date"))


def publication(
    pipeline: Pipeline, source: Expression, facts: dict[str, Expression], *, catch: Sequence[Fields]
) -> tuple[State, State]:
    """Return the states that copy a file of the run to where the date's predictions are, and tell of it.

    Args:
        pipeline: of which model.
        source: the S3 key of the file.
        facts: what the manifest says of the file.
        catch: where errors go.

    """
    place = f"{pipeline.model}/predictions/{{}}"
    key = text(f"{place}/{FILE}", path("$.date"))
    return (
        call(
            "Publish predictions",
            "aws-sdk:s3:copyObject",
            {
                "Bucket": placeholders.DATA_BUCKET,
                "Key": key,
                "CopySource": text(f"{placeholders.DATA_BUCKET}/{{}}", source),
            },
            select={"version_id": path("$.VersionId")},
            at="$.published",
            timeout_seconds=COPY_SECONDS,
            catch=catch,
        ),
        call(
            "Write manifest",
            "aws-sdk:s3:putObject",
            {
                "Bucket": placeholders.DATA_BUCKET,
                "Key": text(f"{place}/{MANIFEST}", path("$.date")),
                "ContentType": "application/json",
                "Body": {
                    "date": path("$.date"),
                    **facts,
                    "execution": EXECUTION,
                    "key": key,
                    "version_id": path("$.published.version_id"),
                },
            },
            catch=catch,
        ),
    )
