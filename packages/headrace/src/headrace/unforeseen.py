"""Errors that are not Headrace's own, in one line: what the system refused, and what nobody foresaw."""

import errno
import tempfile
import traceback
from collections.abc import Iterable
from pathlib import Path

_DEFAULT_REMEDY = "see that the path is right, and that it may be read and written"
_REMEDIES = {
    errno.EACCES: "give yourself the right to it, or work in a folder that is yours",
    errno.EPERM: "give yourself the right to it, or work in a folder that is yours",
    errno.EROFS: "work in a folder that can be written to",
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.ENOENT: "see that the path is right",
    errno.EISDIR: "it is a folder, and a file is needed",
    errno.ENOTDIR: "one of the folders in the path is a file; name another path",
    errno.EEXIST: "a file has the name of a folder that is needed; move it away",
    errno.ENAMETOOLONG: "it is too long for the name of a file; name another",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENOMEM: "free some memory, or take a larger machine",
}


def system_words(error: OSError) -> str:
    """Return which file or connection the system refused, why, and what helps."""
    named = str(error.filename) if error.filename is not None else ""
    what = f"{named[:200]}: " if named else ""
    reason = error.strerror or str(error) or type(error).__name__
    remedy = _REMEDIES.get(error.errno or 0, _DEFAULT_REMEDY if named else "try again")
    return f"{what}{reason}; {remedy}"


def one_line(error: BaseException) -> str:
    """Return the type and the message of an error in one line."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def own_place(error: BaseException, folders: Iterable[Path]) -> str:
    """Return the file and the line of the innermost call in one of the folders; empty when none is in them."""
    calls = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        calls.append((error.filename, error.lineno))
    own = tuple(folders)
    places = [
        f"{file}, line {line}" for file, line in calls if any(Path(file).is_relative_to(each) for each in own)
    ]
    return places[-1] if places else ""


def traceback_file(error: BaseException) -> str:
    """Write the traceback of an error into a file of its own, and return its path; empty when no file can be written."""
    text = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="headrace-error-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(text)
    except OSError:
        return ""
    return file.name
