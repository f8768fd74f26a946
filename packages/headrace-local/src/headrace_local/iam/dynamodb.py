"""The permissions that DynamoDB's operations require: tables, indexes, and the partition keys of the items (dynamodb:LeadingKeys)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from headrace_local.iam.evaluation import Permission
from headrace_local.iam.matching import Context
from headrace_local.iam.requests import Call

_LEADING_KEYS = "dynamodb:leadingkeys"
# The members of an item of TransactWriteItems and TransactGetItems, and the action that each is.
_IN_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "ConditionCheck": "ConditionCheckItem",
}
_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")

Json = Mapping[str, Any]


def required_permissions(call: Call, account: str, partition: str) -> list[Permission]:
    """Return the permissions that a request requires; of an operation on no table, its action on `*`."""

    def permission(action: str, table: str, context: Context) -> Permission:
        arn = (
            table
            if table.startswith("arn:")
            else f"arn:{partition}:dynamodb:{call.region}:{account}:table/{table}"
        )
        return Permission(f"dynamodb:{action}", arn, context)

    def context_of(table: str, *items: Json | None) -> Context:
        return leading_keys(account, call.region, table, *items)

    given = call.parameters
    if "TransactItems" in given:
        parts = [(kind, part) for item in given["TransactItems"] for kind, part in item.items()]
        return [
            permission(
                _IN_A_TRANSACTION[kind],
                part["TableName"],
                context_of(part["TableName"], part.get("Item"), part.get("Key")),
            )
            for kind, part in parts
            if kind in _IN_A_TRANSACTION
        ]
    if "RequestItems" in given:
        return [
            permission(call.operation, table, context_of(table, *_batch(requests)))
            for table, requests in given["RequestItems"].items()
        ]
    if "ResourceArn" in given:
        return [permission(call.operation, given["ResourceArn"], {})]
    if "TableName" not in given:
        return [Permission(f"dynamodb:{call.operation}", "*")]
    table = given["TableName"]
    context = context_of(table, given.get("Item"), given.get("Key"), _compared(given))
    index = f"/index/{given['IndexName']}" if "IndexName" in given else ""
    return [permission(call.operation, f"{table}{index}", context)]


def leading_keys(account: str, region: str, table: str, *items: Json | None) -> Context:
    """Return the values of a table's partition key in items; no key at all when none of them has it, as in a Scan."""
    found = dynamodb_backends[account][region].tables.get(table.rpartition("/")[2])
    name = (found.hash_key_attr if found else None) or ""
    values = [str(next(iter(item[name].values()))) for item in items if item and name in item]
    return {_LEADING_KEYS: tuple(values)} if values else {}


def _batch(requests: Any) -> Iterator[Json]:  # noqa: ANN401 - JSON
    """Yield the keys and items of one table in BatchGetItem and BatchWriteItem."""
    if isinstance(requests, dict):
        yield from requests.get("Keys", ())
        return
    for request in requests:
        yield request.get("PutRequest", {}).get("Item") or request.get("DeleteRequest", {}).get("Key") or {}


def _compared(given: Json) -> Json:
    """Return the attributes that a Query compares for equality, the partition key among them."""
    names, values = given.get("ExpressionAttributeNames", {}), given.get("ExpressionAttributeValues", {})
    by_expression = {
        names.get(name, name): values[value]
        for name, value in _EQUALS.findall(given.get("KeyConditionExpression", ""))
        if value in values
    }
    by_key_conditions = {
        name: condition["AttributeValueList"][0]
        for name, condition in given.get("KeyConditions", {}).items()
        if condition.get("ComparisonOperator") == "EQ"
    }
    return {**by_expression, **by_key_conditions}
