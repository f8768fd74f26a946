"""What AWS, or botocore before the call, says of an error: the call, its reason and a remedy in one line."""

import os
import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import (
    ConnectionError as ConnectionFailed,
)
from botocore.parsers import ResponseParserError

# The codes with which SageMaker answers for what does not exist.
NOT_FOUND_CODES = frozenset({"ValidationException", "ResourceNotFound", "ResourceNotFoundException"})
AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
_WAY = re.compile(r"AWS_ENDPOINT_URL.*|(AWS|REQUESTS|CURL)_CA_BUNDLE|(HTTPS?|ALL)_PROXY", re.IGNORECASE)
_SETTING = re.compile(r"AWS_(?!.*(KEY|TOKEN)).*|(HTTPS?|ALL)_PROXY|(REQUESTS|CURL)_CA_BUNDLE", re.IGNORECASE)

_LOGIN = "log in to the account again, or see what AWS_PROFILE and AWS_ACCESS_KEY_ID say"
_RIGHTS = "the caller lacks this right: docs/security.md lists what each role may do"
_LATER = "wait a minute, and try again"
_REMEDIES = {
    "ExpiredToken": _LOGIN,
    "ExpiredTokenException": _LOGIN,
    "RequestExpired": "set the clock of this machine, or log in again",
    "InvalidClientTokenId": _LOGIN,
    "UnrecognizedClientException": _LOGIN,
    "SignatureDoesNotMatch": _LOGIN,
    "AuthFailure": _LOGIN,
    "AccessDenied": _RIGHTS,
    "AccessDeniedException": _RIGHTS,
    "UnauthorizedOperation": _RIGHTS,
    "403": _RIGHTS,
    "Throttling": _LATER,
    "ThrottlingException": _LATER,
    "TooManyRequestsException": _LATER,
    "SlowDown": _LATER,
    "RequestLimitExceeded": _LATER,
    "InternalFailure": _LATER,
    "ServiceUnavailable": _LATER,
}


def aws_words(error: BaseException) -> str:
    """Return what failed, why, and what helps."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        code = str(details.get("Code", "Unknown"))
        text = " ".join(str(details.get("Message") or "no reason is given").split())
        remedy = _REMEDIES.get(code, "")
        return f"{error.operation_name}: {text} ({code})" + (f"; {remedy}" if remedy else "")
    text = " ".join(str(error).split())
    remedy = _remedy(error)
    return (f"{text}; {remedy}" if remedy else text) + setting_hint(error)


def setting_hint(error: BaseException) -> str:
    """Return what to add to an error of AWS that a variable of the caller may cause, else nothing.

    It is the cause where the text has its value; of a call that did not get through, each that says how it goes.
    """
    text, set_ = str(error), {name: value for name, value in sorted(os.environ.items()) if value}
    named = [name for name in set_ if _SETTING.fullmatch(name) and _holds(text, set_[name])]
    advice = "correct or unset"
    if not named and isinstance(error, ConnectionFailed | HTTPClientError):
        named, advice = [name for name in set_ if _WAY.fullmatch(name)], "see whether right is"
    settings = ", ".join(f"{name}={set_[name]}" for name in named)
    return f"; {advice} {settings} in your environment" if named else ""


def _holds(text: str, value: str) -> bool:
    """Return whether a text has a value as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _remedy(error: BaseException) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return _LOGIN
    if isinstance(error, ProfileNotFound):
        return "name one of ~/.aws/config"
    if isinstance(error, ConnectionFailed | HTTPClientError):
        return "see that the network reaches it, or `make up` for the local AWS"
    if isinstance(error, ParamValidationError):
        return "a value that was given is none that the call takes"
    return _LOGIN if "expired" in str(error).lower() or "sso" in type(error).__name__.lower() else ""
