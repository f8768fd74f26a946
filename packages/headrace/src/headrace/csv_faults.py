"""Where a CSV file breaks: read once more, line by line, only after it could not be read."""

import csv
import gzip
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

_QUOTES = "a quote inside a field is written twice, and the field put in quotes"


def csv_fault(path: Path) -> str:
    """Return the first line that is no UTF-8, or has another number of fields than the header; empty when none has."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as content:
            return _fault(content)
    except (OSError, EOFError):  # a cut archive, which the caller tells
        return ""


def _fault(content: Iterable[bytes]) -> str:
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(_lines(content), strict=True)
    quote = ""
    try:
        width = len(next(reader, []))
        for row in reader:
            if len(row) > width:
                return f"line {reader.line_num} has {len(row)} fields, and the header {width}"
            if not quote and any('"' in field for field in row):
                quote = f"line {reader.line_num}: {_QUOTES}"
    except UnicodeDecodeError as error:
        return (
            f"line {reader.line_num + 1} is no UTF-8 (byte {error.start + 1} of it); save the file as UTF-8"
        )
    except csv.Error as error:
        return f"line {reader.line_num}: {error}; {_QUOTES}"
    return quote


def _lines(content: Iterable[bytes]) -> Iterator[str]:
    for line in content:
        yield line.decode()
