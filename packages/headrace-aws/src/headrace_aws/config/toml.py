"""TOML files that a team edits."""

import tomllib
from pathlib import Path
from typing import Any

from headrace.errors import ConfigurationError
from headrace.files import file_text


def toml_of(file: Path) -> dict[str, Any]:
    """Return the content of a TOML file; raise `ConfigurationError` with line and column when it cannot be read."""
    text = file_text(file)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigurationError(f"{file.name} is nested too deeply: write it with fewer brackets") from None
    except ValueError as error:  # a fault of TOML, or a number or a date that Python does not take
        raise ConfigurationError(f"{file.name} is not TOML: {error}; correct it there") from error
