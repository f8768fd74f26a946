"""What the commands ask a server about its state: to save it now, and whether it could not."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from headrace_local.errors import LocalAwsError

SAVE, LAST_ERROR = (
    "LocalAws.Save",
    "LocalAws.LastSaveError",
)  # operations by the header X-Amz-Target, as AWS's JSON APIs have
_SAVE_SECONDS = 120
_ASK_SECONDS = 10
_OK = 200


class NotSavedError(LocalAwsError):
    """The server could not save its state: the message is the reason and the remedy."""


class NoAnswerError(LocalAwsError):
    """The server did not answer, or not as it should."""


def save_now(endpoint: str) -> None:
    """Have the server save its state; raise `NotSavedError` when it cannot."""
    if reason := _answer(endpoint, SAVE, _SAVE_SECONDS):
        raise NotSavedError(cannot_save(reason))


def last_save_error(endpoint: str) -> str:
    """Return why the server could not save its state the last time; empty when it could."""
    return _answer(endpoint, LAST_ERROR, _ASK_SECONDS)


def cannot_save(reason: str) -> str:
    """Return what a person is told of a state that cannot be saved."""
    return (
        f"the local AWS could not save what it holds ({reason}): it is lost when the local AWS ends. Make its folder "
        "writable, with free space, and `headrace local save` tries again"
    )


def _answer(endpoint: str, operation: str, seconds: float) -> str:
    connection = HTTPConnection("127.0.0.1", urlsplit(endpoint).port, timeout=seconds)
    headers = {"Host": urlsplit(endpoint).netloc, "X-Amz-Target": operation}
    try:
        connection.request("POST", "/", "", headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        raise NoAnswerError(
            f"the local AWS on {endpoint} did not answer within {seconds:.0f} seconds ({error}); `make logs` or its "
            "server.log may say why"
        ) from error
    finally:
        connection.close()
    if answer.status != _OK:
        raise NoAnswerError(f"the local AWS on {endpoint} answered {answer.status}: {text.strip()}")
    return text
