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

AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)
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
    """Return what to add to an error of AWS whose text has the value of a variable of the caller, else nothing."""
    named = [
        f"{name}={value}"
        for name, value in sorted(os.environ.items())
        if value and _SETTING.fullmatch(name) and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", str(error))
    ]
    return f"; correct or unset {', '.join(named)} in your environment" if named else ""


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
