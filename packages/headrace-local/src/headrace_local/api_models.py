"""AWS's API models, as botocore ships them: megabytes of JSON, which the server reads once."""

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader, Loader
from moto.core import loaders

from headrace_local.patching import replace


def read_each_once() -> None:
    """Share what is read of a file among the sessions of botocore: moto makes many, and each reads its files anew.

    moto's own loader is left out: it adds errors to what it has read.
    """
    loaders.Loader.FILE_LOADER_CLASS = JSONFileLoader
    replace(Loader, "FILE_LOADER_CLASS", _SharedFiles)


class _SharedFiles(JSONFileLoader):
    """Reads JSON files, each once for all loaders."""

    def load_file(self, file_path: str) -> Any:  # noqa: ANN401 - the content of a JSON file
        return _read(file_path)


@cache
def _read(path: str) -> Any:  # noqa: ANN401
    return JSONFileLoader().load_file(path)
