"""Publication of predictions: one object a date, put in place by one copy, and a manifest beside it."""

from collections.abc import Mapping, Sequence

from headrace_aws.asl import placeholders
from headrace_aws.asl.expressions import EXECUTION, Expression, path, text
from headrace_aws.asl.jobs import Pipeline
from headrace_aws.asl.outcomes import CAUSE, ERROR, FAILED, FAILURE, call, measure, notify, read_file, record
from headrace_aws.asl.retries import catch as catchers
from headrace_aws.asl.states import Fields, Rule, State, choice, is_present

FILE = "predictions.parquet"
MANIFEST = "_manifest.json"  # query engines pass over names that begin so
COPY_SECONDS = 1800  # for the largest object that one copy takes, 5 GB
TABLE = "$.table.content"  # what the collect job says of the file
FIGURES = {"PredictedRows": path(f"{TABLE}.rows")}
PUBLISHED = "The predictions are published; a later step of the run failed."


def folder(model: str) -> Expression:
    """Return the S3 URI of the date's predictions."""
    return text(f"s3://{placeholders.DATA_BUCKET}/{model}/predictions/{{}}/", path("$.date"))


def publication(pipeline: Pipeline, package: Expression, *, catch: Sequence[Fields]) -> tuple[State, ...]:
    """Return the states that copy what the collect job wrote to where the date's predictions are, and tell of it.

    Args:
        pipeline: of which model.
        package: ARN of the model package that predicted.
        catch: where errors go.

    """
    place = f"{pipeline.model}/predictions/{{}}"
    key = text(f"{place}/{FILE}", path("$.date"))
    source = pipeline.key(f"collect/predictions/{FILE}")
    return (
        read_file("Read table", pipeline.key("collect/table/table.json"), at="$.table", catch=catch),
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
                    "rows": path(f"{TABLE}.rows"),
                    "sha256": path(f"{TABLE}.sha256"),
                    "model_package_arn": package,
                    "data_fingerprint": path(f"{TABLE}.data_fingerprint"),
                    "execution": EXECUTION,
                    "key": key,
                    "version_id": path("$.published.version_id"),
                },
            },
            catch=catch,
        ),
        measure("Count predictions", pipeline, FIGURES, catch=catch),
    )


def states_after_late_failure(pipeline: Pipeline, attributes: Mapping[str, str]) -> tuple[State, ...]:
    """Return the states that record and tell a failure after the copy, which takes no predictions back.

    They stand after the explanation of the failure; `attributes` of the record exist once predictions are published.
    """
    name, notice = "Record failure after publication", "Notify failure after publication"
    failure = {"summary": PUBLISHED, "error": ERROR, "cause": CAUSE}
    message = text("{} {} {}: {} Run: {}", PUBLISHED, folder(pipeline.model), ERROR, CAUSE, EXECUTION)
    return (
        choice("Are predictions published?", Rule(is_present("$.published"), then=name), otherwise=FAILURE),
        record(
            name, pipeline, "failed", {**attributes, **failure}, catch=catchers(notice, at="$.unrecorded")
        ),
        notify(notice, pipeline, "published, then failed", message, then=FAILED),
    )
