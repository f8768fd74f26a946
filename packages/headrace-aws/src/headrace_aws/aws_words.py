"""What AWS, or botocore before the call, says of an error: the call, its reason and a remedy in one line."""

import os

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


def aws_words(error: BotoCoreError | ClientError) -> str:
    """Return what failed, why, and what helps."""
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        code = str(told.get("Code", "Unknown"))
        text = " ".join(str(told.get("Message") or "no reason is given").split())
        remedy = _REMEDIES.get(code, "")
        return f"{error.operation_name}: {text} ({code})" + (f"; {remedy}" if remedy else "")
    text = " ".join(str(error).split())
    remedy = _remedy(error)
    return f"{text}; {remedy}" if remedy else text


def _remedy(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return _LOGIN
    if isinstance(error, ProfileNotFound):
        return f"AWS_PROFILE is {os.environ.get('AWS_PROFILE', '')!r}: name one of ~/.aws/config"
    if isinstance(error, ConnectionFailed | HTTPClientError):
        named = [f"{name} is {os.environ[name]}" for name in _PLACES if os.environ.get(name)]
        return "; ".join(["see that the network reaches it, or `make up` for the local AWS", *named])
    if isinstance(error, ParamValidationError):
        return "a value that was given is none that the call takes"
    return _LOGIN if "expired" in str(error).lower() or "sso" in type(error).__name__.lower() else ""


_PLACES = ("AWS_ENDPOINT_URL", "HTTPS_PROXY", "https_proxy")
