"""Images in ECR: found by the digest of their bytes, with tags that do not move."""

import json
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import ClientError


def manifest(layer: str) -> str:
    """Return the manifest of an image, spaces included: every byte counts."""
    kind = "application/vnd.oci.image.manifest.v1+json"
    layers = [
        {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": f"sha256:{layer * 64}", "size": 5}
    ]
    return json.dumps(
        {"schemaVersion": 2, "mediaType": kind, "config": layers[0], "layers": layers}, indent=3
    )


def digest(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


@pytest.fixture(scope="module")
def ecr(local_aws: Any) -> Any:
    """ECR, with a repository whose tags are immutable and that has one image."""
    client = local_aws.client("ecr")
    client.create_repository(repositoryName="images", imageTagMutability="IMMUTABLE")
    client.put_image(repositoryName="images", imageManifest=manifest("a"), imageTag="one")
    return client


def test_an_image_is_found_by_the_digest_of_its_manifest(ecr: Any) -> None:
    """As everybody computes it who has the bytes; moto's own is another."""
    wanted = {"repositoryName": "images", "imageIds": [{"imageDigest": digest(manifest("a"))}]}
    (described,) = ecr.describe_images(**wanted)["imageDetails"]
    assert described["imageTags"] == ["one"]
    (got,) = ecr.batch_get_image(**wanted)["images"]
    assert got["imageManifest"] == manifest("a")
    made = ecr.put_image(repositoryName="images", imageManifest=manifest("b"))["image"]["imageId"]
    assert made == {"imageDigest": digest(manifest("b"))}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"imageManifest": manifest("c"), "imageTag": "one"}, "ImageTagAlreadyExistsException"),
        ({"imageManifest": manifest("a"), "imageTag": "one"}, "ImageAlreadyExistsException"),
        ({"imageManifest": manifest("a")}, "ImageAlreadyExistsException"),
        (
            {"imageManifest": manifest("c"), "imageDigest": digest(manifest("d"))},
            "ImageDigestDoesNotMatchException",
        ),
        ({"imageManifest": manifest("c"), "repositoryName": "no-such"}, "RepositoryNotFoundException"),
    ],
)
def test_what_ecr_does_not_take(ecr: Any, parameters: dict[str, str], code: str) -> None:
    """By AWS's codes: a tag stays where it is, an image is pushed once."""
    with pytest.raises(ClientError) as caught:
        ecr.put_image(**{"repositoryName": "images", **parameters})
    assert caught.value.response["Error"]["Code"] == code


def test_one_image_has_many_tags(ecr: Any) -> None:
    """A further tag on the same image moves none."""
    ecr.put_image(repositoryName="images", imageManifest=manifest("e"), imageTag="two")
    ecr.put_image(repositoryName="images", imageManifest=manifest("e"), imageTag="three")
    found = ecr.describe_images(repositoryName="images", imageIds=[{"imageTag": "two"}])["imageDetails"]
    assert found[0]["imageTags"] == ["two", "three"]


def test_another_account_has_its_own_registry(local_aws: Any, ecr: Any) -> None:
    """By registryId it is reached."""
    there = local_aws.client("ecr", "333333333333")
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        there.describe_images(repositoryName="images")
    owner = ecr.describe_repositories(repositoryNames=["images"])["repositories"][0]["registryId"]
    found = there.batch_get_image(registryId=owner, repositoryName="images", imageIds=[{"imageTag": "one"}])
    assert found["images"][0]["registryId"] == owner
