"""The folder of a project: the one that holds `project.toml`."""

import sys
from pathlib import Path

from headrace.errors import ConfigurationError

FILE = "project.toml"


def project_root(start: Path | None = None) -> Path:
    """Return the nearest folder with a `project.toml`, from `start` upwards; by default from the working directory.

    Raises:
        ConfigurationError: there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise ConfigurationError(
        f"neither {start} nor a folder above it has a {FILE}; run in a checkout that has one"
    )


def put_on_path(root: Path) -> None:
    """Let Python import the pipelines and the model packages of a project, before what is installed."""
    for folder in (str(root / "src"), str(root)):
        if folder not in sys.path:
            sys.path.insert(0, folder)


def shown(file: Path) -> str:
    """Return how a file is named to a person: relative to the project where it lies in it."""
    root = project_root()
    return str(file.relative_to(root) if file.is_relative_to(root) else file)
