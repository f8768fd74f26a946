"""Building a release from a commit."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError
from release_forks import Fork

from headrace.errors import ConfigurationError, ReleaseError
from headrace_aws.config.root import project_root
from headrace_aws.release.build import build
from headrace_aws.release.command import main
from headrace_aws.release.image import digest_of
from headrace_aws.release.manifest import (
    BILL_OF_MATERIALS,
    DEFINITIONS,
    FILE,
    IMAGE,
    Manifest,
    Release,
    release_in,
    sha256,
)

ROOT = project_root()

DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def built(fork: Fork) -> Release:
    return fork.build()


def test_every_file_is_in_the_manifest_with_its_hash(fork: Fork, built: Release) -> None:
    """Templates, definitions, locks, settings and bill of materials; the image beside them has the digest named."""
    manifest = release_in(fork.target).required_manifest
    files = {
        file.relative_to(fork.target).as_posix(): sha256(file)
        for file in fork.target.rglob("*")
        if file.is_file() and file.name != FILE and IMAGE not in file.parts
    }
    assert manifest.files == files
    assert {"project.toml", "infra/stacks/data.yaml", "requirements/jobs.txt", BILL_OF_MATERIALS} <= set(
        files
    )
    assert f"{DEFINITIONS}/flights-training.asl.json" in files
    assert manifest.image_digest == digest_of(fork.target / IMAGE)
    assert manifest == built.manifest
    count = fork.git("rev-list", "--count", "HEAD")
    assert manifest.id == f"{int(count):06}-{fork.git('rev-parse', 'HEAD')[:12]}"


def test_the_same_commit_gives_the_same_bytes(fork: Fork, built: Release, tmp_path: Path) -> None:
    """Nothing of the time or the place of the build is in a release."""
    again = build(lambda _: None, root=fork.root, target=tmp_path / "again")
    assert again.manifest_hash == built.manifest_hash


def test_the_bill_of_materials_names_every_locked_package(built: Release) -> None:
    """As many libraries as the lock pins, each with its version and hashes, and the base image by its digest."""
    components = json.loads((built.folder / BILL_OF_MATERIALS).read_text())["components"]
    pinned = [line for line in (ROOT / "requirements/jobs.txt").read_text().splitlines() if "==" in line]
    assert len(components) == len(pinned) + 1
    assert {"polars", "xgboost-cpu"} <= {one["name"] for one in components}
    assert f"@sha256:{components[0]['hashes'][0]['content']}" in (ROOT / "Dockerfile").read_text()


def test_a_changed_file_is_found(built: Release, tmp_path: Path) -> None:
    """A file that is altered or missing is named, with what was expected and what was found."""
    folder = tmp_path / "release"
    shutil.copytree(built.folder, folder)
    (folder / "project.toml").write_text("altered")
    (folder / "infra/stacks/data.yaml").unlink()
    with pytest.raises(ReleaseError) as caught:
        release_in(folder)
    assert f"project.toml: expected SHA-256 {built.required_manifest.files['project.toml']}, found" in str(
        caught.value
    )
    assert "infra/stacks/data.yaml: expected SHA-256" in str(caught.value)
    assert "found no file" in str(caught.value)


class TestRefusals:
    def test_what_no_commit_holds(self, fork: Fork, built: Release) -> None:
        """A dirty tree is refused, and the release that was built before stays."""
        (fork.root / "stray").touch()
        with pytest.raises(ConfigurationError, match="differ from commit"):
            build(lambda _: None, root=fork.root, target=fork.target)
        assert release_in(fork.target).manifest == built.manifest

    def test_a_part_of_the_history(self, fork: Fork, tmp_path: Path) -> None:
        """A shallow checkout would number the release wrongly."""
        fork.commit()  # the second, so that one alone is a part
        clone = cloned(fork, tmp_path, "--depth", "1")
        with pytest.raises(ReleaseError, match="git fetch --unshallow"):
            build(lambda _: None, image_digest=DIGEST, root=clone, target=tmp_path / "target")

    def test_no_docker(self, fork: Fork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without docker the message names both ways on, and one of them works: an image that is named."""
        git = Path(str(shutil.which("git")))
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "git").symlink_to(git)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        target = tmp_path / "target"
        with pytest.raises(ReleaseError, match=r"docker is not installed.*IMAGE=sha256:"):
            build(lambda _: None, root=fork.root, target=target)
        assert not target.exists()
        release = build(lambda _: None, image_digest=DIGEST, root=fork.root, target=target)
        assert release.required_manifest.image_digest == DIGEST

    def test_no_daemon(self, fork: Fork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A docker whose daemon is down is reported before anything is built."""
        docker = tmp_path / "docker"
        docker.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
        docker.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        with pytest.raises(ReleaseError, match="the Docker daemon does not answer; start it"):
            build(lambda _: None, root=fork.root, target=tmp_path / "target")

    def test_an_image_that_sagemaker_would_refuse(self, tmp_path: Path) -> None:
        """CreateModel takes no OCI manifest, so none becomes a release."""
        media_type = "application/vnd.oci.image.manifest.v1+json"
        (tmp_path / "manifest.json").write_text(json.dumps({"mediaType": media_type}))
        with pytest.raises(ReleaseError, match=r"image\.manifest\.v1\+json; SageMaker takes"):
            digest_of(tmp_path)


def cloned(fork: Fork, folder: Path, *options: str) -> Path:
    """Return a clone of the fork."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", *options, f"file://{fork.root}", str(clone)], check=True)
    return clone


class TestNames:
    """A manifest may come from another account: what it names is only what a release has."""

    @pytest.mark.parametrize(
        "name",
        [
            "/etc/passwd",
            "../project.toml",
            "infra/stacks/../../evil.yaml",
            "infra/stacks/sub/data.yaml",
            "infra/stacks/data.yml",
            "pipelines/definitions/a.json",
            "image/manifest.json",
            "sitecustomize.py",
            "project.toml\n",
        ],
    )
    def test_one_that_no_release_has_is_refused(self, name: str) -> None:
        """Neither a path that leads elsewhere nor a file of another kind."""
        given = {"id": f"000001-{'0' * 12}", "commit": "0" * 40, "project": "p", "image_digest": DIGEST}
        with pytest.raises(ValidationError, match="files"):
            Manifest.model_validate({**given, "files": {name: "0" * 64}})

    def test_a_file_that_the_manifest_does_not_name(self, built: Release, tmp_path: Path) -> None:
        """What was laid beside the files of a release is reported, and the release refused."""
        folder = tmp_path / "release"
        shutil.copytree(built.folder, folder)
        release_in(folder)
        (folder / "infra/stacks/stray.yaml").write_text("")
        with pytest.raises(ReleaseError, match=r"infra/stacks/stray\.yaml: is not in release\.json"):
            release_in(folder)


def test_the_id_is_reported_with_the_hash_of_the_manifest(
    built: Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A workflow hands both on, so that nothing can alter the release on its way."""
    monkeypatch.setattr("headrace_aws.release.command.TARGET", built.folder)
    assert main(["id"]) == 0
    assert capsys.readouterr().out == f"id={built.required_manifest.id}\nmanifest={built.manifest_hash}\n"
