"""A lock that one execution of a model holds: an item of the run table that names the execution.

It is never given back. It is free when its holder no longer runs, so a run that was stopped, timed out or lost
leaves no lock behind. Taking it is one conditional write: of two that try at once, one gets it. What Step Functions
says of an execution may be some seconds old, so that there is none of that name is believed only after several tries.
"""

from collections.abc import Sequence

from headrace_aws.asl import placeholders
from headrace_aws.asl.expressions import EXECUTION, Payload, path
from headrace_aws.asl.jobs import Pipeline
from headrace_aws.asl.outcomes import call
from headrace_aws.asl.retries import CONDITION_FAILED
from headrace_aws.asl.states import Fields, Rule, State, choice, is_equal

GONE = "Sfn.ExecutionDoesNotExistException"
HOLDER = "$.lock.holder"


def lock_states(pipeline: Pipeline, *, then: str, busy: str, catch: Sequence[Fields]) -> tuple[State, ...]:
    """Return the states that take the lock of a pipeline of a model.

    Args:
        pipeline: whose executions the lock keeps apart.
        then: where a run goes that has the lock.
        busy: where a run goes that has not; the execution at `HOLDER` then has it.
        catch: where errors go.

    """
    key: dict[str, Payload] = {
        # Sorts below every run, whose key begins with a year.
        "model": {"S": pipeline.model},
        "run": {"S": f"#lock#{pipeline.name}"},
    }
    take_over = "Take the lock over"
    return (
        _put(
            "Take the lock",
            key,
            "attribute_not_exists(holder)",
            {},
            otherwise="Read the lock",
            then=then,
            catch=catch,
        ),
        call(
            "Read the lock",
            "dynamodb:getItem",
            {"TableName": placeholders.RUN_TABLE, "Key": key, "ConsistentRead": True},
            select={"holder": path("$.Item.holder.S")},
            at="$.lock",
            catch=catch,
        ),
        call(
            "Look at its holder",
            "aws-sdk:sfn:describeExecution",
            {"ExecutionArn": path(HOLDER)},
            select={"status": path("$.Status")},
            at="$.lock.execution",
            catch=({"ErrorEquals": [GONE], "ResultPath": "$.gone", "Next": take_over}, *catch),
        ),
        choice(
            "Does it still run?",
            Rule(is_equal("$.lock.execution.status", "RUNNING"), then=busy),
            otherwise=take_over,
        ),
        _put(
            take_over,
            key,
            "holder = :former",
            {":former": {"S": path(HOLDER)}},
            otherwise="Read the lock",  # another was quicker: its name is in the lock now
            then=then,
            catch=catch,
        ),
    )


def _put(  # noqa: PLR0913 - a write has this many independent parts, all named
    name: str,
    key: dict[str, Payload],
    condition: str,
    values: dict[str, Payload],
    *,
    otherwise: str,
    then: str,
    catch: Sequence[Fields],
) -> State:
    """Return the state that writes this execution into the lock, or goes to `otherwise` when it may not.

    That it holds the lock already is no obstacle: then a first try was heard, and its answer was not.
    """
    mine: Payload = {"S": EXECUTION}
    parameters: dict[str, Payload] = {
        "TableName": placeholders.RUN_TABLE,
        "Item": {**key, "holder": mine},
        "ConditionExpression": f"{condition} OR holder = :me",
        "ExpressionAttributeValues": {":me": mine, **values},
    }
    taken: Fields = {"ErrorEquals": [CONDITION_FAILED], "ResultPath": "$.taken", "Next": otherwise}
    return call(
        name,
        "dynamodb:putItem",
        parameters,
        catch=(taken, *catch),
        never_retry=(CONDITION_FAILED,),
        then=then,
    )
