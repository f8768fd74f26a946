"""A call that is judged before it is sent."""

from io import BytesIO

from botocore.awsrequest import AWSPreparedRequest

from headrace_local.cloudformation import identity


def test_a_stream_that_was_judged_is_still_whole() -> None:
    """Its content is read for the judgement, and sent from its beginning all the same."""
    request = AWSPreparedRequest(
        "PUT", "https://b.s3.amazonaws.com/key", {}, BytesIO(b"content"), stream_output=False
    )
    read = identity._environ(request)  # noqa: SLF001 - nothing else shows what is left of the stream
    assert read["wsgi.input"].read() == b"content"
    assert request.body.read() == b"content"
