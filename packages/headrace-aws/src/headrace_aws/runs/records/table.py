"""The run table: the runs of a model, newest first, and one run by its name."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from headrace.errors import ConfigurationError
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records.run_record import RunRecord, run_of_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import QueryInputPaginateTypeDef

# A run's key begins with a year. What begins with `#`, such as a lock, sorts before it and is no run.
_FIRST_RUN = "0"
_QUOTED = 5  # how many names a message lists


def runs(context: ModelContext, since: str = "", **wanted: str) -> Iterator[RunRecord]:
    """Return the runs of a model, the newest first, read as they are asked for.

    Args:
        context: the model in its environment.
        since: UTC, ISO 8601; runs that started then or later.
        wanted: attributes with the value that they must have; an empty value asks nothing.

    """
    conditions = {name: value for name, value in wanted.items() if value}
    query: QueryInputPaginateTypeDef = {
        "TableName": context.table,
        "KeyConditionExpression": "#model = :model AND #run >= :since",
        "ExpressionAttributeNames": {f"#{name}": name for name in ("model", "run", *conditions)},
        "ExpressionAttributeValues": {
            ":model": {"S": context.model},
            ":since": {"S": since or _FIRST_RUN},
            **{f":{name}": {"S": value} for name, value in conditions.items()},
        },
        "ScanIndexForward": False,
        "ConsistentRead": True,  # a run that has just ended is there
    }
    if conditions:
        query["FilterExpression"] = " AND ".join(f"#{name} = :{name}" for name in conditions)
    return _found(context, query)


def run_named(context: ModelContext, given: str) -> RunRecord:
    """Return the run whose execution has that name or ARN, or alone has one that begins so.

    Raises `ConfigurationError` when there is none, or more than one.
    """
    if not given:
        raise ConfigurationError("the name of a run is empty; `make runs` lists them")
    found = [run for run in runs(context) if (run.execution if ":" in given else run.name).startswith(given)]
    exact = [run for run in found if given in {run.name, run.execution}]
    match exact or found:
        case [run]:
            return run
        case []:
            raise ConfigurationError(
                f"no recorded run of {context.model} is {given!r} or begins so; a run is recorded when it ends, "
                f"and `make runs` lists them"
            )
        case several:
            listed = ", ".join(f"{run.name} ({run.pipeline})" for run in several[:_QUOTED])
            more = ", ..." if len(several) > _QUOTED else ""
            remedy = "give its ARN" if exact else "give more of its name"
            raise ConfigurationError(
                f"{given!r} may be any of {len(several)} runs of {context.model}: {listed}{more}; {remedy}"
            )


def _found(context: ModelContext, query: "QueryInputPaginateTypeDef") -> Iterator[RunRecord]:
    try:
        for page in context.dynamodb.get_paginator("query").paginate(**query):
            yield from map(run_of_item, page["Items"])
    except context.dynamodb.exceptions.ResourceNotFoundException as error:
        raise ConfigurationError(f"table {context.table} does not exist; `make deploy` makes it") from error
