"""S3 URIs: bucket and key."""

_SCHEME = "s3://"


def bucket_and_key(uri: str) -> tuple[str, str]:
    """Return bucket and key of `s3://<bucket>/<key>`; raise `ValueError` when it is none.

    It is no web address: a key may hold `?`, `#` and `%`, and begin with a slash.
    """
    bucket, _, key = uri.removeprefix(_SCHEME).partition("/")
    if not uri.startswith(_SCHEME) or not bucket:
        raise ValueError(f"{uri!r} is no S3 URI; it must read s3://bucket/key")
    return bucket, key
