"""How a run tells what became of it: a record in the run table, metrics, a notification; and how it fails."""

from collections.abc import Mapping, Sequence

from headrace.errors import DefinitionError
from headrace_aws.asl import placeholders, retries
from headrace_aws.asl.expressions import (
    EXECUTION,
    EXECUTION_NAME,
    NOW,
    STARTED_AT,
    Expression,
    Payload,
    merged,
    parsed_json,
    path,
    text,
)
from headrace_aws.asl.jobs import Pipeline
from headrace_aws.asl.states import Fields, State, compute, fail, succeed, task

CALL_SECONDS = 60
EXPLANATION = "Explain failure"  # where every error ends that nothing mends
FAILURE, FAILED = "Record failure", "Run failed"  # where an explained failure goes, and where it ends
ERROR, CAUSE = path("$.failure.error.Error"), path("$.failure.error.Cause")  # once it is explained
SKIP = "Describe skip"  # where a run goes that has nothing to do
SUBJECT_LENGTH = 100  # characters, all ASCII: what SNS accepts


def call(  # noqa: PLR0913 - a call has this many independent parts, all named
    name: str,
    resource: str,
    parameters: Mapping[str, Payload],
    *,
    catch: Sequence[Fields],
    select: Mapping[str, Payload] | None = None,
    at: str | None = None,
    never_retry: Sequence[str] = (),
    timeout_seconds: int = CALL_SECONDS,
    then: str | None = None,
) -> State:
    """Return a state that calls an API that answers at once; an error of `never_retry` is an answer, too."""
    answers: Fields = {"ErrorEquals": list(never_retry), "MaxAttempts": 0}
    return task(
        name,
        resource,
        parameters,
        timeout_seconds=timeout_seconds,
        select=select,
        at=at,
        retry=(answers, *retries.CALL_RETRY) if never_retry else retries.CALL_RETRY,
        catch=catch,
        then=then,
    )


def record(
    name: str,
    pipeline: Pipeline,
    status: str,
    attributes: Mapping[str, str],
    *,
    catch: Sequence[Fields],
) -> State:
    """Return the state that writes the run into the run table; every attribute must exist in the data."""
    known: dict[str, str] = {
        "model": pipeline.model,
        "run": text("{}#{}", STARTED_AT, EXECUTION_NAME),
        "pipeline": pipeline.name,
        "execution": EXECUTION,
        "status": status,
        "started_at": STARTED_AT,
        "ended_at": NOW,
        "commit": placeholders.GIT_COMMIT,
        "image": placeholders.IMAGE_URI,
        "trigger": path("$.trigger"),
        **attributes,
    }
    item: dict[str, Payload] = {attribute: {"S": value} for attribute, value in known.items()}
    return call(name, "dynamodb:putItem", {"TableName": placeholders.RUN_TABLE, "Item": item}, catch=catch)


def notify(name: str, pipeline: Pipeline, what: str, message: Expression, *, then: str) -> State:
    """Return the state that tells the subscribers of the topic; `what` ends the subject.

    It goes on to `then` even when nobody can be told: what the run has done does not depend on it.
    """
    subject = f"{pipeline.project} {pipeline.model} {pipeline.name}: {what}"
    if len(subject) > SUBJECT_LENGTH or not subject.isascii():
        raise DefinitionError(f"the subject {subject!r} must be ASCII of at most {SUBJECT_LENGTH} characters")
    parameters = {"TopicArn": placeholders.TOPIC_ARN, "Subject": subject, "Message": message}
    return call(name, "sns:publish", parameters, catch=retries.catch(then, at="$.unsent"), then=then)


def read_file(name: str, key: Expression, *, at: str, catch: Sequence[Fields]) -> State:
    """Return the state that reads a JSON file of the data bucket, which a state machine holds up to 256 KiB of."""
    return call(
        name,
        "aws-sdk:s3:getObject",
        {"Bucket": placeholders.DATA_BUCKET, "Key": key},
        select={"content": parsed_json(path("$.Body"))},
        at=at,
        catch=catch,
    )


def measure(
    name: str, pipeline: Pipeline, figures: Mapping[str, Payload], *, catch: Sequence[Fields]
) -> State:
    """Return the state that gives CloudWatch the figures by which alarms judge; each is one number."""
    data: list[Payload] = [
        {"MetricName": metric, "Dimensions": [{"Name": "Model", "Value": pipeline.model}], "Value": value}
        for metric, value in figures.items()
    ]
    parameters: dict[str, Payload] = {"Namespace": pipeline.project, "MetricData": data}
    return call(name, "aws-sdk:cloudwatch:putMetricData", parameters, catch=catch)


def skip_states(
    pipeline: Pipeline, summary: Expression | str, *, ended: str, catch: Sequence[Fields]
) -> tuple[State, State, State]:
    """Return how a run ends that has nothing to do: recorded, with the reason as `summary`, and no failure."""
    return (
        compute(SKIP, {"decision": "skipped", "summary": summary}, at="$.outcome"),
        record("Record skip", pipeline, "skipped", {"summary": path("$.outcome.summary")}, catch=catch),
        succeed(ended, path("$.outcome")),
    )


def failure_states(
    pipeline: Pipeline, attributes: Mapping[str, Expression] | None = None, *partly: State
) -> tuple[State, ...]:
    """Return how a run fails: recorded, reported, and with the error and the cause of the state that failed.

    Nothing here needs more than the first states left (see `headrace_aws.asl.inputs`), and nothing can stop the end.
    `partly` come first, with a choice at their head: they tell of a run that has done a part of its work.
    """
    return (
        compute(EXPLANATION, {"error": merged(path("$.unexplained"), path("$.error"))}, at="$.failure"),
        *partly,
        record(
            FAILURE,
            pipeline,
            "failed",
            {**(attributes or {}), "error": ERROR, "cause": CAUSE},
            catch=retries.catch("Notify failure", at="$.unrecorded"),
        ),
        notify(
            "Notify failure",
            pipeline,
            "run failed",
            text("{}: {} Run: {}", ERROR, CAUSE, EXECUTION),
            then=FAILED,
        ),
        fail(FAILED, error=ERROR, cause=CAUSE),
    )
