"""Stock moto still has the faults for which `headrace_local.ecr` and `headrace_local.iam.web_identity` are there."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from moto import mock_aws

from headrace_local.ecr import digest_of

MANIFEST = json.dumps({"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []})


def client(service: str) -> Any:
    made: Any = boto3.client(service, region_name="us-east-1")  # type: ignore[call-overload]
    return made


def a_digest_is_not_of_the_manifest() -> bool:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="stock")
    made = ecr.put_image(repositoryName="stock", imageManifest=MANIFEST)["image"]
    return bool(made["imageId"]["imageDigest"] != digest_of(MANIFEST))


def an_image_is_pushed_twice() -> bool:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="stock")
    return all(ecr.put_image(repositoryName="stock", imageManifest=MANIFEST)["image"] for _ in range(2))


def any_token_gives_any_role() -> bool:
    answer = client("sts").assume_role_with_web_identity(
        RoleArn="arn:aws:iam::444444444444:role/nobody", RoleSessionName="session", WebIdentityToken="none"
    )
    return bool(answer["Credentials"])


@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (a_digest_is_not_of_the_manifest, "ecr/models.py:380"),
        (an_image_is_pushed_twice, "ecr/models.py:760"),
        (any_token_gives_any_role, "sts/models.py"),
    ],
)
@mock_aws
def test_stock_moto_has_the_fault(fault: Callable[[], bool], place: str) -> None:
    """What was put in its place is needed: moto as it comes, in this process, does what the row says."""
    assert fault(), f"moto/{place} is mended: drop the correction"
