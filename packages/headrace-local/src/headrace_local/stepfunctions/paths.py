"""JSONPaths: what a path gives."""

import re
import sys
from typing import Any

from jsonpath_ng.ext.parser import parse
from moto.stepfunctions.parser.asl.utils import json_path

from headrace_local.patching import replace

_PACKAGE = "moto.stepfunctions.parser.asl."
# What lets a path give several values: wildcards, filters, unions, slices and descents.
_SEVERAL = re.compile(r"[*?,:]|\.\.")

_stock_extract_json = json_path.extract_json


def install() -> None:
    """Correct what paths give."""
    give_one_value_for_a_definite_path()


def give_one_value_for_a_definite_path() -> None:
    """Give the value itself for a path such as `$.items[0].name`.

    asl/utils/json_path.py:66 wraps it in a list, for the sake of filters.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith(_PACKAGE) and getattr(module, "extract_json", None) is _stock_extract_json:
            replace(module, "extract_json", _extract_json)


def _extract_json(path: str, data: Any) -> Any:
    if _SEVERAL.search(path):
        return _stock_extract_json(path, data)
    matches = parse(path).find(data)
    if not matches:
        raise json_path.NoSuchJsonPathError(json_path=path, data=data)
    return matches[0].value
