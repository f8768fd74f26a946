"""Who may call: programs of this machine, and no web page."""

from http.client import HTTPConnection

import pytest

from headrace_local.testing import LocalAws


def answer(local_aws: LocalAws, path: str = "/", **headers: str) -> tuple[int, str, list[str]]:
    """Return status, text and header names of the answer to a request that has these headers."""
    port = int(local_aws.endpoint.rpartition(":")[2])
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST" if path != "/" else "GET", path, headers={"Host": f"localhost:{port}"} | named)
    response = connection.getresponse()
    found = response.status, response.read().decode(), [name.lower() for name in response.headers]
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "headers", "sentence"),
    [
        pytest.param("/", {"Origin": "http://evil.example"}, "does not answer web pages", id="page"),
        pytest.param("/", {"Origin": "null"}, "does not answer web pages", id="sandboxed page"),
        pytest.param("/", {"Origin": "http://localhost:8888"}, "does not answer web pages", id="local page"),
        pytest.param(
            "/", {"Sec_Fetch_Site": "cross-site"}, "does not answer web pages", id="image in a page"
        ),
        pytest.param("/", {"Host": "evil.example"}, "not to 'evil.example'", id="rebinding"),
        pytest.param("/", {"Host": "evil.example:4566"}, "not to 'evil.example:4566'", id="rebinding, port"),
        pytest.param("/", {"Host": "localhost.evil.example"}, "answers to localhost only", id="prefix"),
        pytest.param("/", {"Host": "notlocalhost"}, "answers to localhost only", id="suffix"),
        pytest.param("/", {"Host": ""}, "answers to localhost only", id="no host"),
        pytest.param("/moto-api/reset", {}, "has no moto-api", id="reset"),
        pytest.param("/moto-api/data.json", {}, "has no moto-api", id="data"),
        pytest.param("/%6Doto-api/reset", {}, "has no moto-api", id="reset, escaped"),
    ],
)
def test_what_a_web_page_can_send_is_refused(
    local_aws: LocalAws, path: str, headers: dict[str, str], sentence: str
) -> None:
    """403 and a plain sentence; moto answers all of these, with leave for any page to read it."""
    local_aws.client("s3").create_bucket(Bucket="behind-the-door")
    status, text, names = answer(local_aws, path, **headers)
    assert (status, text.count("\n")) == (403, 1)
    assert sentence in text
    assert not [name for name in names if name.startswith("access-control-")]
    local_aws.client("s3").head_bucket(Bucket="behind-the-door")


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4566", "LOCALHOST", "127.0.0.1:4566", "[::1]", "[::1]:4566"]
)
def test_a_program_of_this_machine_is_answered(local_aws: LocalAws, host: str) -> None:
    """Under each name of the loopback, with no word that would let a page read the answer."""
    status, text, names = answer(local_aws, Host=host, Sec_Fetch_Site="none")
    assert status == 200
    assert "ListAllMyBucketsResult" in text
    assert not [name for name in names if name.startswith("access-control-")]


def test_a_bucket_may_be_named_by_the_host(local_aws: LocalAws) -> None:
    """The virtual-hosted style of S3 addresses: <bucket>.localhost is this machine too."""
    local_aws.client("s3").create_bucket(Bucket="by-host")
    local_aws.client("s3").put_object(Bucket="by-host", Key="key", Body=b"x")
    status, text, _ = answer(local_aws, Host="by-host.localhost:4566")
    assert status == 200
    assert "<Key>key</Key>" in text
