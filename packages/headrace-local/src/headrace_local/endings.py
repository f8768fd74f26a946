"""How the command ends after an error: one line, and a file with the traceback of what nobody foresaw."""

import os
import sys
import tempfile
import traceback

from headrace_local.errors import LocalAwsError

_FAILED, _INTERRUPTED = 1, 130


def tell(error: BaseException) -> int:
    """Tell an error in one line, and return the exit status; argparse's own ending is raised again."""
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, BrokenPipeError):  # whoever read has enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, KeyboardInterrupt):
        sys.stderr.write("\ninterrupted\n")
        return _INTERRUPTED
    sys.stderr.write(f"error: {_words(error)}\n")
    return _FAILED


def _words(error: BaseException) -> str:
    if isinstance(error, LocalAwsError):
        return str(error)
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename is not None else ""
        return f"{named}{error.strerror or error}; see that it is there, and may be read and written"
    cause = " ".join(f"{type(error).__name__}: {error}".split())
    with tempfile.NamedTemporaryFile(
        "w", prefix="headrace-local-error-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
    ) as file:
        file.writelines(traceback.format_exception(error))
    return (
        f"a fault of the local AWS, and not yours: {cause}; the traceback is in {file.name}: report it with that file "
        "to the maintainers of headrace-local"
    )
