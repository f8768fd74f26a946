"""SageMaker's container contract: where a job finds its input, and where it leaves its output.

`/opt/ml` is what SageMaker mounts; the environment variable `SAGEMAKER_BASE_DIR` names another folder.
Sources: "How Amazon SageMaker Processing Runs Your Processing Container Image", "How Amazon SageMaker AI
Provides Training Information", in the SageMaker developer guide.
"""

import argparse
import os
import re
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, NoReturn

from polars.exceptions import PanicException

from headrace import strict_json
from headrace.errors import ConfigurationError, HeadraceError
from headrace.unforeseen import one_line, system_words

FailureFile = Literal["failure", "message"]
MESSAGE_LIMIT = 1024  # bytes of a failure that SageMaker keeps
CHANNEL_SOURCE = "HEADRACE_INPUT_"
UNPACKED = "unpacked"  # the folder, in that of a model.tar.gz, with what it holds


def base() -> Path:
    """Return the folder that stands for `/opt/ml`."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def processing_input(name: str) -> Path:
    """Return the folder of a processing job's input."""
    return base() / "processing" / "input" / name


def processing_output(name: str) -> Path:
    """Return the folder of a processing job's output, made if need be."""
    return _made(base() / "processing" / "output" / name)


def channel(name: str) -> Path:
    """Return the folder of a training job's input channel."""
    return base() / "input" / "data" / name


def model_folder() -> Path:
    """Return the folder whose content becomes a training job's `model.tar.gz`."""
    return _made(base() / "model")


def checkpoint_folder() -> Path:
    """Return the folder that SageMaker keeps in S3 while a training job runs, made if need be."""
    return _made(base() / "checkpoints")


def hyperparameters() -> dict[str, str]:
    """Return a training job's hyperparameters, which SageMaker gives as strings; none gives an empty dict."""
    path = base() / "input" / "config" / "hyperparameters.json"
    if not path.exists():
        return {}
    found = strict_json.loads(path.read_bytes(), str(path))
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path} is no JSON object: it holds {strict_json.shown(found)}")
    return found


def instances() -> int:
    """Return on how many instances this processing job runs; 1 where nothing says so, as by hand."""
    path = base() / "config" / "resourceconfig.json"
    if not path.exists():
        return 1
    try:
        return len(strict_json.loads(path.read_bytes(), str(path))["hosts"])
    except (KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} names no hosts; it is an object with a list of them") from error


def commit() -> str:
    """Return the git commit of the code, which the state machine gives as `HEADRACE_COMMIT`."""
    return os.environ.get("HEADRACE_COMMIT", "unknown")


def named(text: str) -> str:
    """Return a text with the S3 URI of each input in place of its folder: whoever reads it has no container.

    SageMaker tells a processing job where its inputs came from; of a training job's channels the environment does,
    as `HEADRACE_INPUT_<CHANNEL>`.
    """
    for folder, uri in sorted(_sources().items(), reverse=True):
        name = uri.rpartition("/")[2]  # empty where the input is all that lies below a prefix
        places = [f"{folder}/{name}", f"{folder}/{UNPACKED}", folder] if name else [folder]
        for place in places:
            text = uri.rstrip("/").join(re.split(rf"{re.escape(place)}(?![\w-])", text))
    return text


def _sources() -> dict[str, str]:
    """Return the S3 URI of each input, by its folder; none by hand."""
    channels = {
        str(channel(name.removeprefix(CHANNEL_SOURCE).lower())): uri
        for name, uri in os.environ.items()
        if name.startswith(CHANNEL_SOURCE)
    }
    try:
        path = base() / "config" / "processingjobconfig.json"
        found = strict_json.loads(path.read_bytes(), path.name)
        inputs = [entry["S3Input"] for entry in found["ProcessingInputs"]]
        return channels | {
            str(base() / Path(entry["LocalPath"]).relative_to("/opt/ml")): str(entry["S3Uri"])
            for entry in inputs
        }
    except (OSError, ValueError, KeyError, TypeError):
        return channels  # a message with a path is better than none


def run(job: Callable[[], None], failure_file: FailureFile) -> int:
    """Run a job; on any error leave its message where SageMaker reads it, and return 1.

    `failure_file` is `failure` for training jobs and `message` for processing jobs.
    """
    try:
        job()
    except HeadraceError as error:
        message = str(error)
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)  # noqa: T201 - a job's log is its output
        return 130
    except OSError as error:
        traceback.print_exc()
        message = system_words(error)
    except MemoryError:
        traceback.print_exc()
        message = "the job ran out of memory; give it a larger instance_type in project.toml"
    except (Exception, PanicException) as error:  # noqa: BLE001 - whatever ends a job is told to its caller
        traceback.print_exc()
        message = f"{one_line(error)}; the traceback is in the job's log"
    else:
        return 0
    message = named(message)
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 - a job's log is its output
    _leave(message, failure_file)
    return 1


class Parser(argparse.ArgumentParser):
    """The arguments of a job: wrong ones are left where SageMaker reads a failure, too."""

    def __init__(self, job: str, description: str | None, failure_file: FailureFile = "message") -> None:
        super().__init__(prog=f"python -m headrace.jobs.{job}", description=description)
        self.failure_file = failure_file

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and exit with status 2."""
        _leave(message, self.failure_file)
        super().error(message)


def _leave(message: str, failure_file: FailureFile) -> None:
    """Write why a job failed where SageMaker reads it, as far as it can be written: the log has it in any case."""
    with suppress(OSError):
        (_made(base() / "output") / failure_file).write_bytes(_cut(message))


def _cut(message: str) -> bytes:
    """Return as much of a message as SageMaker keeps, with no character cut in two."""
    content = message.encode(errors="backslashreplace")
    return content[:MESSAGE_LIMIT].decode(errors="ignore").encode()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
