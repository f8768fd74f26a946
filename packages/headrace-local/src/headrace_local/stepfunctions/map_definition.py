"""What a Map may hold in a definition: what the linter does not know of, and what cannot run here."""

import copy
from collections.abc import Iterator
from typing import Any

from headrace_local import strict_json
from headrace_local.stepfunctions.map_items import INPUT_TYPES, READERS
from headrace_local.stepfunctions.map_results import WRITER
from headrace_local.stepfunctions.states import all_states

_DISTRIBUTED_ONLY = (
    "ItemBatcher",
    "ItemReader",
    "Label",
    "ResultWriter",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)
_READER_FIELDS = ("InputType", "CSVHeaderLocation", "CSVHeaders")  # besides MaxItems, which the linter knows
_LONGEST_LABEL = 40


def map_state(definition: str, name: str) -> dict[str, Any]:
    """Return the Map of a name; names are unique in a definition. Raises `KeyError` when there is none."""
    for place, state in maps(strict_json.loads(definition)):
        if place.endswith(f"/States/{name}"):
            return state
    raise KeyError(name)


def maps(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every Map with its place."""
    return ((place, state) for place, state in all_states(machine, "") if state.get("Type") == "Map")


def without_what_linters_miss(machine: dict[str, Any]) -> dict[str, Any]:
    """Return a definition without the fields of Maps that statelint 3.1 takes for unknown ones."""
    found = copy.deepcopy(machine)
    for _, state in maps(found):
        state.pop("Label", None)
        for key in _READER_FIELDS:
            _part(_part(state, "ItemReader"), "ReaderConfig").pop(key, None)
    return found


def problems_of_maps(machine: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the Maps, each with its place: what AWS refuses, and what the local AWS lacks."""
    for place, state in maps(machine):
        config = _part(_part(state, "ItemProcessor"), "ProcessorConfig")
        if config.get("Mode", "INLINE") == "INLINE":
            for key in _DISTRIBUTED_ONLY:
                if key in state:
                    yield f'SCHEMA_VALIDATION_FAILED: The field "{key}" is for Maps of Mode DISTRIBUTED at {place}'
            continue
        if config.get("ExecutionType") != "STANDARD":
            yield f"ExecutionType has to be STANDARD, the only one of the local AWS, at {place}/ItemProcessor"
        if len(str(state.get("Label", ""))) > _LONGEST_LABEL:
            yield f"Label is longer than {_LONGEST_LABEL} characters at {place}"
        yield from _problems_of_reader(_part(state, "ItemReader"), f"{place}/ItemReader")
        yield from _problems_of_writer(_part(state, "ResultWriter"), f"{place}/ResultWriter")


def _problems_of_reader(reader: dict[str, Any], place: str) -> Iterator[str]:
    resource = reader.get("Resource")
    if not reader:
        return
    if resource not in READERS:
        yield f"Resource '{resource}' is none of {', '.join(READERS)} at {place}"
    config = _part(reader, "ReaderConfig")
    kind = config.get("InputType")
    if resource == READERS[1] and kind not in INPUT_TYPES:
        yield f"InputType {kind!r} is none that the local AWS reads ({', '.join(INPUT_TYPES)}) at {place}/ReaderConfig"
    if kind == "CSV" and config.get("CSVHeaderLocation") not in {"FIRST_ROW", "GIVEN"}:
        yield f"CSVHeaderLocation has to be FIRST_ROW or GIVEN at {place}/ReaderConfig"
    if (config.get("CSVHeaderLocation") == "GIVEN") != ("CSVHeaders" in config):
        yield f"CSVHeaders and CSVHeaderLocation GIVEN need each other at {place}/ReaderConfig"
    for key in sorted(config.keys() - {*_READER_FIELDS, "MaxItems", "MaxItemsPath"}):
        yield f'the local AWS does not know the field "{key}" at {place}/ReaderConfig'


def _problems_of_writer(writer: dict[str, Any], place: str) -> Iterator[str]:
    if not writer:
        return
    if writer.get("Resource") != WRITER:
        yield f"Resource '{writer.get('Resource')}' is not {WRITER} at {place}"
    if "WriterConfig" in writer:
        yield f'the local AWS does not know the field "WriterConfig" at {place}'
    parameters = _part(writer, "Parameters")
    if not {"Bucket", "Bucket.$"} & parameters.keys():
        yield f'The field "Bucket" is required but was missing at {place}/Parameters'


def _part(state: dict[str, Any], key: str) -> dict[str, Any]:
    part = state.get(key)
    return part if isinstance(part, dict) else {}
