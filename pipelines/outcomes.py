"""How a run tells what became of it: a record in the run table and a notification."""

from collections.abc import Mapping, Sequence

from headrace.errors import DefinitionError
from pipelines import placeholders, retries
from pipelines.expressions import EXECUTION, EXECUTION_NAME, NOW, STARTED_AT, Expression, Payload, text
from pipelines.jobs import Pipeline
from pipelines.states import Fields, State, task

CALL_SECONDS = 60
SUBJECT_LENGTH = 100  # characters, all ASCII: what SNS accepts


def call(  # noqa: PLR0913 - a call has this many independent parts, all named
    name: str,
    resource: str,
    parameters: Mapping[str, Payload],
    *,
    catch: Sequence[Fields],
    select: Mapping[str, Payload] | None = None,
    at: str | None = None,
    then: str | None = None,
) -> State:
    """Return a state that calls an API that answers at once."""
    return task(
        name,
        resource,
        parameters,
        timeout_seconds=CALL_SECONDS,
        select=select,
        at=at,
        retry=retries.CALL_RETRY,
        catch=catch,
        then=then,
    )


def record(
    name: str,
    pipeline: Pipeline,
    status: str,
    attributes: Mapping[str, Expression],
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
