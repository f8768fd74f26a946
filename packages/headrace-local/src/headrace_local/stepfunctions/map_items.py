"""The items of a distributed Map: read from S3 by ItemReader, put together by ItemBatcher."""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from headrace_local import strict_json

Json = Any
_MOST_ITEMS = 100_000_000
_BATCH_BYTES = 256 * 1024
# What an item has of an object, by the API's names and by those of items.
_OBJECT = {"ETag": "Etag", "Key": "Key", "Size": "Size", "StorageClass": "StorageClass"}
INPUT_TYPES = ("JSON", "JSONL", "CSV")
READERS = ("arn:aws:states:::s3:listObjectsV2", "arn:aws:states:::s3:getObject")


def read(
    reader: dict[str, Json], parameters: dict[str, Json], config: dict[str, Json], s3: Any
) -> list[Json]:
    """Return the items that an ItemReader names; raise `ValueError` with the reason when they cannot be read."""
    limit = int(config.get("MaxItems") or _MOST_ITEMS)
    try:
        if reader["Resource"].endswith(":listObjectsV2"):
            return list(itertools.islice(_listed(parameters, s3), limit))
        content = s3.get_object(**parameters)["Body"].read().decode("utf-8-sig")
    except ClientError as error:
        raise ValueError(f"{error.response['Error']['Message']} ({strict_json.dumps(parameters)})") from error
    return list(itertools.islice(_PARSERS[config["InputType"]](content, config), limit))


def batches(items: list[Json], count: int | None, size: int | None) -> list[list[Json]]:
    """Return the items in batches of at most `count` items and `size` bytes of JSON each."""
    found: list[list[Json]] = []
    used = 0
    for item in items:
        length = len(strict_json.dumps(item, separators=(",", ":")).encode())
        is_full = (
            not found or len(found[-1]) == count or used + length > min(size or _BATCH_BYTES, _BATCH_BYTES)
        )
        if is_full:
            found.append([])
            used = 0
        found[-1].append(item)
        used += length
    return found


def _listed(parameters: dict[str, Json], s3: Any) -> Iterator[Json]:
    for page in s3.get_paginator("list_objects_v2").paginate(**parameters):
        for found in page.get("Contents", []):
            item = {_OBJECT[name]: found[name] for name in _OBJECT if name in found}
            yield item | {"LastModified": int(found["LastModified"].timestamp())}  # seconds since 1970


def _json(content: str, _config: dict[str, Json]) -> Iterator[Json]:
    try:
        found = strict_json.loads(content)
    except json.JSONDecodeError as error:
        raise ValueError(f"the object is no JSON: {error}") from error
    if not isinstance(found, list):
        raise ValueError("Attempting to map over non-iterable node.")  # noqa: TRY004 - AWS's words
    return iter(found)


def _json_lines(content: str, _config: dict[str, Json]) -> Iterator[Json]:
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield strict_json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"line {number} is no JSON: {error}") from error


def _csv(content: str, config: dict[str, Json]) -> Iterator[Json]:
    rows = csv.reader(io.StringIO(content))
    is_given = config.get("CSVHeaderLocation") == "GIVEN"
    headers = config["CSVHeaders"] if is_given else next(rows, [])
    if len(set(headers)) < len(headers):
        raise ValueError("CSV headers cannot contain duplicates.")
    for row in rows:
        yield dict(itertools.zip_longest(headers, row[: len(headers)], fillvalue=""))


_PARSERS: dict[str, Callable[[str, dict[str, Json]], Iterator[Json]]] = {
    "JSON": _json,
    "JSONL": _json_lines,
    "CSV": _csv,
}
