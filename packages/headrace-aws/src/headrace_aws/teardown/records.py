"""Items of the run table: the records of a model's runs, and its locks."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from headrace_aws import formatting

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def remove_records(dynamodb: "DynamoDBClient", table: str, model: str, say: Callable[[str], None]) -> None:
    """Delete every item of a model."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="model = :model",
        ExpressionAttributeValues={":model": {"S": model}},
        ProjectionExpression="model, run",
        ConsistentRead=True,
    )
    keys = [item for page in pages for item in page["Items"]]
    for key in keys:
        dynamodb.delete_item(TableName=table, Key=key)
    if keys:
        say(f"deleted {formatting.count(len(keys), 'item')} of {model} in table {table}")
