"""What an S3 URI says."""

import pytest

from headrace_local.grammars.s3_uri import bucket_and_key


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("s3://bucket/a/b", "a/b"),
        ("s3://bucket/a?b#c", "a?b#c"),
        ("s3://bucket//a", "/a"),
        ("s3://bucket/a%20b c", "a%20b c"),
        ("s3://bucket/", ""),
        ("s3://bucket", ""),
    ],
)
def test_a_key_is_all_that_follows_the_bucket(uri: str, key: str) -> None:
    """It is no web address: nothing in a key has a meaning of its own."""
    assert bucket_and_key(uri) == ("bucket", key)


@pytest.mark.parametrize(
    "uri", ["", "bucket/key", "/a/file", "http://bucket/key", "s3:///key", "s3:/bucket/key"]
)
def test_what_is_no_s3_uri_is_refused(uri: str) -> None:
    """The message shows it, and how it must read."""
    with pytest.raises(ValueError, match="is no S3 URI; it must read s3://bucket/key"):
        bucket_and_key(uri)
