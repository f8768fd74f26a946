"""Objects under a key that is disabled, or about to be deleted, cannot be read.

S3 passes on what KMS says, as `KMS.DisabledException` or `KMS.KMSInvalidStateException`; moto (s3/responses.py, get_object)
gives the object. HEAD answers 400 without a body, as every error of HEAD has none.
"""

from typing import Any

from moto.kms.models import kms_backends
from moto.s3.exceptions import S3ClientError
from moto.s3.responses import S3Response

from headrace_local.patching import replace

_ERRORS = {"Disabled": "KMS.DisabledException", "PendingDeletion": "KMS.KMSInvalidStateException"}
_WORDS = {"Disabled": "is disabled", "PendingDeletion": "is pending deletion"}


def install() -> None:
    """Have reads of objects look at the state of their key."""
    replace(S3Response, "_get_key", _checked_get(S3Response._get_key))  # noqa: SLF001 - GetObject's, in moto
    replace(S3Response, "head_object", _checked_head(S3Response.head_object))


def _checked_get(stock: Any) -> Any:  # noqa: ANN401 - a method of moto's
    def get(response: S3Response, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's own types
        found = stock(response, *arguments, **named)
        _check(found[0].kms_key_id)
        return found

    return get


def _checked_head(stock: Any) -> Any:  # noqa: ANN401 - a method of moto's
    def head(response: S3Response, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - moto's own types
        places = dict(zip(("bucket_name", "query", "key_name"), arguments, strict=False)) | named
        found = response.backend.get_object(places["bucket_name"], places["key_name"])
        _check(getattr(found, "kms_key_id", None))  # there may be none, or a mark of deletion
        return stock(response, *arguments, **named)

    return head


def _check(key_id: str | None) -> None:
    if not key_id or not key_id.startswith("arn:"):
        return
    _, _, _, region, account, name = key_id.split(":", 5)
    key = kms_backends[account][region].keys.get(name.removeprefix("key/"))
    state = key.key_state if key else ""
    if state in _ERRORS:
        raise S3ClientError(_ERRORS[state], f"{key_id} {_WORDS[state]}.")
