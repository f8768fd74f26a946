"""What the intrinsic functions give: each a pure function of its arguments.

Source: Step Functions Developer Guide, "Intrinsic functions". An argument that is not right is an `IntrinsicError`.
"""

import base64
import binascii
import hashlib
import inspect
import json
import math
import random
import re
import uuid
from collections.abc import Callable
from typing import Any

from headrace_local import strict_json
from headrace_local.grammars.intrinsic_syntax import Call, unescaped

Json = Any


class IntrinsicError(ValueError):
    """An argument of a function is not right."""


_MOST_ITEMS = 1000
_LONGEST_TEXT = 10_000
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_PLACE = re.compile(r"\\(.)|(\{\})", re.DOTALL)


def array(*values: Json) -> Json:
    """Return the values as a list."""
    return list(values)


def array_partition(items: Json, size: Json) -> Json:
    """Return the items in lists of `size`; the last one may be shorter."""
    length = _positive(size, "the size of a chunk")
    return [_list(items)[start : start + length] for start in range(0, len(_list(items)), length)]


def array_contains(items: Json, value: Json) -> Json:
    """Return whether a value is among the items; 1 and true are two values."""
    return _key(value) in [_key(item) for item in _list(items)]


def array_range(first: Json, last: Json, step: Json) -> Json:
    """Return the whole numbers from `first` to `last`, both included."""
    start, end, by = _whole(first), _whole(last), _whole(step)
    if by == 0:
        raise IntrinsicError("the step is 0")
    found = list(range(start, end + (1 if by > 0 else -1), by))
    if len(found) > _MOST_ITEMS:
        raise IntrinsicError(f"{len(found)} items are more than {_MOST_ITEMS}")
    return found


def array_get_item(items: Json, index: Json) -> Json:
    """Return the item at an index, counted from 0."""
    position, length = _whole(index), len(_list(items))
    if not 0 <= position < length:
        raise IntrinsicError(f"the index {position} is outside of the array, which has {length} items")
    return items[position]


def array_length(items: Json) -> Json:
    """Return how many items there are."""
    return len(_list(items))


def array_unique(items: Json) -> Json:
    """Return the items without those that were there before."""
    return list({_key(item): item for item in reversed(_list(items))}.values())[::-1]


def base64_encode(text: Json) -> Json:
    """Return the UTF-8 of a text in Base64."""
    return base64.b64encode(_text(text, _LONGEST_TEXT).encode()).decode()


def base64_decode(text: Json) -> Json:
    """Return the text that was encoded."""
    try:
        return base64.b64decode(_text(text, _LONGEST_TEXT), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise IntrinsicError(f"no text in Base64: {error}") from error


def hashed(text: Json, algorithm: Json) -> Json:
    """Return the hash of a text in hexadecimal digits."""
    if algorithm not in _HASHES:
        raise IntrinsicError(f"the algorithm {algorithm!r} is none of {', '.join(_HASHES)}")
    return hashlib.new(_HASHES[algorithm], _text(text, _LONGEST_TEXT).encode()).hexdigest()


def json_merge(first: Json, second: Json, is_deep: Json) -> Json:
    """Return both objects in one; the second one's values count. A deep merge is not supported on AWS either."""
    if is_deep is not False:
        raise IntrinsicError("only a shallow merge is supported: the last argument has to be false")
    if not (isinstance(first, dict) and isinstance(second, dict)):
        raise IntrinsicError("both arguments have to be objects")
    return first | second


def string_to_json(text: Json) -> Json:
    """Return what a JSON text says; an empty one says null."""
    content = _text(text)
    try:
        return strict_json.loads(content) if content.strip() else None
    except json.JSONDecodeError as error:
        raise IntrinsicError(f"no JSON: {error}") from error


def json_to_string(value: Json) -> Json:
    """Return a value as JSON text without spaces."""
    return strict_json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def math_random(start: Json, end: Json, seed: Json = None) -> Json:
    """Return a whole number from `start` on and below `end`; the same one for the same seed."""
    low, high = _whole(start), _whole(end)
    if low >= high:
        raise IntrinsicError(f"the start {low} is not below the end {high}")
    generator = random.Random(None if seed is None else _whole(seed))  # noqa: S311 - no secret
    return generator.randrange(low, high)


def math_add(first: Json, second: Json) -> Json:
    """Return the sum of two numbers, each rounded to a whole one."""
    return _whole(first) + _whole(second)


def string_split(text: Json, separators: Json) -> Json:
    """Return the parts of a text between any of the characters, without empty ones."""
    pattern = "|".join(re.escape(character) for character in _text(separators))
    return [part for part in re.split(pattern, _text(text)) if part] if pattern else [text]


def new_uuid() -> Json:
    """Return a new UUID of version 4."""
    return str(uuid.uuid4())


def string_format(template: Json, *values: Json) -> Json:
    r"""Return a template with its `{}` replaced by the values in turn; `\{`, `\}`, `\'` and `\\` stand for themselves."""
    rest = [_shown(value) for value in values]
    places = sum(1 for found in _PLACE.finditer(_text(template)) if found[2])
    if places != len(rest):
        raise IntrinsicError(f"{places} places {{}} and {len(rest)} values")
    return _PLACE.sub(lambda found: rest.pop(0) if found[2] else found[1], template)


FUNCTIONS: dict[str, Callable[..., Json]] = {
    "Array": array,
    "ArrayContains": array_contains,
    "ArrayGetItem": array_get_item,
    "ArrayLength": array_length,
    "ArrayPartition": array_partition,
    "ArrayRange": array_range,
    "ArrayUnique": array_unique,
    "Base64Decode": base64_decode,
    "Base64Encode": base64_encode,
    "Format": string_format,
    "Hash": hashed,
    "JsonMerge": json_merge,
    "JsonToString": json_to_string,
    "MathAdd": math_add,
    "MathRandom": math_random,
    "StringSplit": string_split,
    "StringToJson": string_to_json,
    "UUID": new_uuid,
}


def check(call: Call) -> None:
    """Raise `ValueError` for a function that does not exist or that takes another number of arguments, nested ones too."""
    if call.name not in FUNCTIONS:
        raise ValueError(f"there is no function States.{call.name}")
    try:
        inspect.signature(FUNCTIONS[call.name]).bind(*call.arguments)
    except TypeError as error:
        raise ValueError(f"{call.source} has the wrong number of arguments ({error})") from error
    for argument in call.arguments:
        if isinstance(argument, Call):
            check(argument)


def literal(name: str, value: Json, index: int) -> Json:
    """Return an argument that stands in the definition, without escapes; Format reads those of its template itself."""
    is_template = name == "Format" and index == 0
    return unescaped(value) if isinstance(value, str) and not is_template else value


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise IntrinsicError(f"no array: {strict_json.dumps(value)}")
    return value


def _text(value: Json, longest: int | None = None) -> str:
    if not isinstance(value, str):
        raise IntrinsicError(f"no text: {strict_json.dumps(value)}")
    if longest is not None and len(value) > longest:
        raise IntrinsicError(f"a text of {len(value)} characters is longer than {longest}")
    return value


def _whole(value: Json) -> int:
    """Return a number rounded to a whole one as Java does: half of it up."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IntrinsicError(f"no number: {strict_json.dumps(value)}")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def _positive(value: Json, what: str) -> int:
    number = _whole(value)
    if number <= 0:
        raise IntrinsicError(f"{what} is {number}")
    return number


def _key(value: Json) -> str:
    return strict_json.dumps(value, sort_keys=True)


def _shown(value: Json) -> str:
    """Return a value as Format writes it: a text as it is, an object as `{a=1, b=[x]}`."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_shown(item)}' for key, item in value.items())}}}"
    return strict_json.dumps(value)
