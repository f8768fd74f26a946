"""From dev to prod and back: the same bytes, in the right order, and every refusal before anything changes."""

import json
from pathlib import Path

import pytest
from release_forks import MODEL, Fork

from headrace.errors import ConfigurationError, DeployError, ReleaseError
from headrace_aws import naming
from headrace_aws.deploy.rollback import RollbackRequest, roll_back
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.deployment_lock import KEY, deployment_lock
from headrace_aws.release.image import has_image
from headrace_aws.release.ledger import Ledger, effective
from headrace_aws.release.listing import listing_lines
from headrace_aws.release.manifest import FILE, IMAGE, Release
from headrace_aws.release.store import key


@pytest.fixture
def first(fork: Fork) -> Release:
    """A release that is deployed in both accounts."""
    fork.bootstrap("dev")
    fork.bootstrap("prod")
    release = fork.build()
    fork.deploy("dev", fork.target)
    fork.deploy("prod", release.required_manifest.id)
    return release


def rolled_back(fork: Fork, environment: str, **given: str) -> list[str]:
    said: list[str] = []
    roll_back(fork.enter(environment), fork.project, RollbackRequest(**given), said.append)
    return said


def in_place(fork: Fork, environment: str) -> str:
    return effective(fork.deployments(environment))[-1].release


class TestTheWayToProduction:
    def test_both_accounts_have_the_same_bytes(self, fork: Fork, first: Release) -> None:
        """One image, the same files, a record in each account of what came by whom; again, nothing changes."""
        for environment in ("dev", "prod"):
            artefacts = Artefacts(fork.enter(environment), fork.project)
            for name in (*first.required_manifest.files, FILE):
                assert (
                    artefacts.content(key(first.required_manifest.id, name))
                    == (fork.target / name).read_bytes()
                )
            repository, _, digest = fork.outputs(environment)["ImageUri"].partition("@")
            assert digest == first.required_manifest.image_digest
            assert repository == naming.repository_uri(fork.project, fork.project.environment(environment))
            [image] = artefacts.aws.client("ecr").describe_images(repositoryName=fork.project.name)[
                "imageDetails"
            ]
            assert image["imageDigest"] == digest

        [record] = fork.deployments("prod")
        assert record.status == "deployed"
        assert (record.release, record.commit) == (first.required_manifest.id, first.required_manifest.commit)
        assert (record.image_digest, record.manifest_hash) == (
            first.required_manifest.image_digest,
            first.manifest_hash,
        )
        assert record.who.startswith("arn:aws:sts::444444444444:assumed-role/administrator")
        assert record.started_at < record.ended_at

        said = fork.deploy("dev", first.required_manifest.id)
        assert len(said) == 3
        assert all(line.endswith(": no change") for line in said)


class TestRefusals:
    """Each leaves the account as it was: nothing is published, no stack is touched, nothing is recorded."""

    def test_what_was_never_in_dev_does_not_reach_prod(self, fork: Fork, first: Release) -> None:
        """A release in a folder is refused in prod until it was deployed in dev."""
        skipping = fork.build(first.required_manifest.image_digest)
        before = fork.deployments("prod")
        with pytest.raises(ReleaseError, match=f"{skipping.name} of {MODEL} was never deployed in dev"):
            fork.deploy("prod", fork.target)
        with pytest.raises(
            ReleaseError, match=f"environment dev has no release {skipping.required_manifest.id}"
        ):
            fork.deploy("prod", skipping.required_manifest.id)
        assert fork.deployments("prod") == before
        assert (
            Artefacts(fork.enter("prod"), fork.project).content(key(skipping.required_manifest.id, FILE))
            is None
        )

    def test_an_altered_file_is_named(self, fork: Fork, first: Release) -> None:
        """One byte of a template differs in the bucket: file, both hashes and the remedy are reported."""
        artefacts = Artefacts(fork.enter("dev"), fork.project)
        name = "infra/stacks/data.yaml"
        whole = (first.folder / name).read_bytes()
        place = {"Bucket": artefacts.bucket, "Key": key(first.required_manifest.id, name)}
        artefacts.s3.put_object(**place, Body=whole + b" ")
        with pytest.raises(
            ReleaseError, match=rf"{name}: expected SHA-256 {first.required_manifest.files[name]}"
        ):
            fork.deploy("prod", first.required_manifest.id)

    def test_an_altered_image_is_not_pushed(self, fork: Fork, first: Release) -> None:
        """The folder's image has another digest than the release was built with."""
        assert first
        release = fork.build()
        manifest = fork.target / IMAGE / "manifest.json"
        manifest.write_text(f"{manifest.read_text()} ")
        with pytest.raises(
            ReleaseError,
            match=f"but {release.required_manifest.id} was built with {release.required_manifest.image_digest}",
        ):
            fork.deploy("dev", fork.target)
        artefacts = Artefacts(fork.enter("dev"), fork.project)
        assert not has_image(artefacts.aws, release)
        assert artefacts.content(key(release.required_manifest.id, FILE)) is None

    def test_a_forged_manifest_is_not_the_one_that_dev_had(self, fork: Fork, first: Release) -> None:
        """A release whose manifest was written anew fits its files, and is refused by its own hash."""
        release = fork.build(first.required_manifest.image_digest)
        fork.deploy("dev", fork.target)
        manifest = json.loads((fork.target / FILE).read_text())
        (fork.target / FILE).write_text(json.dumps(manifest))
        with pytest.raises(ReleaseError, match=r"not the one that was deployed in dev: its manifest has"):
            fork.deploy("prod", fork.target)
        with pytest.raises(
            ReleaseError, match=f"deploy that one: make deploy ENV=dev RELEASE={release.required_manifest.id}"
        ):
            fork.deploy("dev", fork.target)

    def test_another_manifest_than_was_built(self, fork: Fork, first: Release) -> None:
        """Who knows the hash from the build refuses another release of that id before a file of it is read."""
        for release in (first.required_manifest.id, str(fork.target)):
            with pytest.raises(ReleaseError, match=f"expected SHA-256 {'0' * 64}, found"):
                fork.deploy("prod", release, manifest_hash="0" * 64)
        built = fork.deployments("dev")[0].manifest_hash
        fork.deploy("prod", first.required_manifest.id, manifest_hash=built)

    def test_a_manifest_that_names_a_path_elsewhere(self, fork: Fork, first: Release, tmp_path: Path) -> None:
        """What the bucket of another account has is not written where its manifest says."""
        artefacts = Artefacts(fork.enter("dev"), fork.project)
        place = {"Bucket": artefacts.bucket, "Key": key(first.required_manifest.id, FILE)}
        whole = artefacts.content(place["Key"])
        assert whole
        evil = tmp_path / "evil"
        manifest = json.loads(whole)
        altered = manifest | {"files": {**manifest["files"], str(evil): "0" * 64}}
        artefacts.s3.put_object(**place, Body=json.dumps(altered).encode())
        artefacts.s3.put_object(
            Bucket=artefacts.bucket, Key=key(first.required_manifest.id, str(evil)), Body=b"evil"
        )
        with pytest.raises(ConfigurationError, match="files"):
            fork.deploy("prod", first.required_manifest.id)
        assert not evil.exists()
        other = manifest | {"id": f"000099-{'0' * 12}"}
        artefacts.s3.put_object(**place, Body=json.dumps(other).encode())
        with pytest.raises(ReleaseError, match=f"is of release {other['id']}"):
            fork.deploy("prod", first.required_manifest.id)

    def test_one_that_chooses_who_vouches_for_it(self, fork: Fork, first: Release) -> None:
        """Its project.toml names nothing before prod: the checkout's counts, and it is refused."""
        before = fork.deployments("prod")
        project = fork.project
        fork.edit_project('after = "dev"\n', "")
        release = fork.build(first.required_manifest.image_digest)
        fork.edit_project('approval = "manual"\n', 'approval = "manual"\nafter = "dev"\n')
        fork.commit()
        assert fork.project == project
        with pytest.raises(
            ReleaseError, match=f"{release.name} names nothing as the environment before prod"
        ):
            fork.deploy("prod", fork.target)
        assert fork.deployments("prod") == before

    def test_what_is_in_the_bucket_is_not_written_over(self, fork: Fork, first: Release) -> None:
        """A file of a release that was put there before it is refused when it has other bytes, and fine with the same."""
        release = fork.build(first.required_manifest.image_digest)
        artefacts = Artefacts(fork.enter("dev"), fork.project)
        place = {"Bucket": artefacts.bucket, "Key": key(release.required_manifest.id, "project.toml")}
        artefacts.s3.put_object(**place, Body=b"other")
        with pytest.raises(
            ReleaseError, match=r"project\.toml with other bytes, and a release is never written"
        ):
            fork.deploy("dev", fork.target)
        artefacts.s3.put_object(**place, Body=(fork.target / "project.toml").read_bytes())
        fork.deploy("dev", fork.target)
        assert in_place(fork, "dev") == release.required_manifest.id

    def test_a_folder_without_a_release(self, fork: Fork, first: Release) -> None:
        """A folder that holds none tells how to build one."""
        assert first
        with pytest.raises(ReleaseError, match=r"holds no release\.json; `make release` builds"):
            fork.deploy("dev", fork.root)

    def test_two_people_at_once(self, fork: Fork, first: Release) -> None:
        """While one deploys, the other is told who it is; afterwards the lock is free."""
        artefacts = Artefacts(fork.enter("dev"), fork.project)
        lock = {"holder": "somebody", "since": "2026-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"}
        artefacts.s3.put_object(Bucket=artefacts.bucket, Key=KEY, Body=json.dumps(lock).encode())
        with pytest.raises(DeployError, match="somebody deploys to dev since 2026-01-01 00:00:00 UTC"):
            fork.deploy("dev", first.required_manifest.id)
        artefacts.s3.delete_object(Bucket=artefacts.bucket, Key=KEY)
        fork.deploy("dev", first.required_manifest.id)
        assert artefacts.content(KEY) is None


class TestRollback:
    def test_back_and_forth(self, fork: Fork, first: Release) -> None:
        """The former release is put back with its image; what was taken back is proven no more; newer ones go on."""
        digest = first.required_manifest.image_digest
        good = fork.build(digest)
        fork.deploy("dev", fork.target)
        fork.deploy("prod", good.required_manifest.id)
        bad = fork.build(digest)
        fork.deploy("dev", fork.target)
        fork.deploy("prod", bad.required_manifest.id)
        assert in_place(fork, "prod") == bad.required_manifest.id

        said = rolled_back(fork, "prod", reason="the smoke check failed")
        assert said[0] == f"{MODEL}: back to {good.name}"
        assert fork.outputs("prod")["GitCommit"] == good.commit
        assert in_place(fork, "prod") == good.required_manifest.id
        [newest] = fork.deployments("prod")[-1:]
        assert (newest.status, newest.reason) == ("rolled-back", "the smoke check failed")
        listed = listing_lines(fork.deployments("prod"))
        assert listed[1].startswith("*")
        assert good.required_manifest.id in listed[1]

        # Of dev, it is the one to promote no longer once it is taken back there.
        rolled_back(fork, "dev")
        with pytest.raises(ReleaseError, match="failed or was rolled back in dev"):
            fork.deploy("prod", bad.required_manifest.id)

        # An older one is no way back.
        with pytest.raises(
            ReleaseError, match=f"is older than {good.required_manifest.id}, which is deployed in prod"
        ):
            fork.deploy("prod", first.required_manifest.id)

        mended = fork.build(digest)
        fork.deploy("dev", fork.target)
        fork.deploy("prod", mended.required_manifest.id)
        rolled_back(fork, "prod")
        assert in_place(fork, "prod") == good.required_manifest.id

    def test_only_what_came_is_taken_back(self, fork: Fork, first: Release) -> None:
        """A workflow names the release that failed; when it was refused, by a lock perhaps, nothing changes."""
        assert first
        before = fork.deployments("prod")
        with deployment_lock(Artefacts(fork.enter("prod"), fork.project), 0, fork.said.append):
            [said] = rolled_back(fork, "prod", release="999999-000000000000")
        assert "nothing changes" in said
        assert fork.deployments("prod") == before

    def test_a_second_attempt_takes_back_only_what_it_deployed(
        self, fork: Fork, first: Release, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A re-run that was refused leaves the sound release of the first attempt in place; the first takes its own back."""
        for name, value in {"SERVER_URL": "https://x", "REPOSITORY": "o/r", "RUN_ID": "7"}.items():
            monkeypatch.setenv(f"GITHUB_{name}", value)
        monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "1")
        release = fork.build(first.required_manifest.image_digest)
        former = in_place(fork, "dev")
        fork.deploy("dev", fork.target)
        assert fork.deployments("dev")[-1].run == "https://x/o/r/actions/runs/7/attempts/1"
        monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "2")
        [said] = rolled_back(fork, "dev", release=release.required_manifest.id)
        assert "was not deployed to dev by https://x/o/r/actions/runs/7/attempts/2; nothing changes" in said
        assert in_place(fork, "dev") == release.required_manifest.id
        monkeypatch.setenv("GITHUB_RUN_ATTEMPT", "1")
        rolled_back(fork, "dev", release=release.required_manifest.id)
        assert in_place(fork, "dev") == former

    def test_a_former_release_that_was_altered_is_not_put_back(self, fork: Fork, first: Release) -> None:
        """Files and manifest were written anew and fit each other, but not what the record says was deployed."""
        old, former = (fork.build(first.required_manifest.image_digest), in_place(fork, "dev"))
        fork.deploy("dev", fork.target)
        assert old
        artefacts = Artefacts(fork.enter("dev"), fork.project)
        place = {"Bucket": artefacts.bucket, "Key": key(former, FILE)}
        whole = artefacts.content(place["Key"])
        assert whole
        artefacts.s3.put_object(**place, Body=whole + b" ")
        with pytest.raises(ReleaseError, match="is not the manifest that was asked for"):
            rolled_back(fork, "dev")

    def test_a_failed_deployment_is_recorded_and_taken_back(self, fork: Fork, first: Release) -> None:
        """A stack that fails leaves the record `failed` with its reason; rollback puts back what stood before it."""
        standing_before = in_place(fork, "dev")
        template = fork.root / "infra/stacks/automation.yaml"
        whole = template.read_text()
        template.write_text(
            f"{whole}  Broken:\n    Type: AWS::SQS::Queue\n    Properties: {{QueueName: a b}}\n"
        )
        fork.build(first.required_manifest.image_digest)
        with pytest.raises(DeployError, match="Broken"):
            fork.deploy("dev", fork.target)
        [newest] = fork.deployments("dev")[-1:]
        assert newest.status == "failed"
        assert "Broken" in newest.reason
        assert in_place(fork, "dev") == standing_before
        rolled_back(fork, "dev", release=newest.release)
        assert fork.deployments("dev")[-1].release == standing_before

    def test_one_that_is_interrupted_leaves_its_record(self, fork: Fork, first: Release) -> None:
        """While it is at work it is `started`; a person who stops it is the reason that is kept."""
        ledger = fork.ledger("dev")
        seen: list[str] = []

        def deployment() -> None:
            with ledger.recorded(first, "deployed", ""):
                seen.append(ledger.deployments()[-1].status)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            deployment()
        newest = ledger.deployments()[-1]
        assert (seen, newest.status, newest.reason) == (["started"], "failed", "interrupted")

    def test_where_there_is_nothing_to_go_back_to(self, fork: Fork, first: Release) -> None:
        """A model that was never deployed has no former release, and the message says so."""
        assert first
        models = {**fork.project.models, "other": fork.project.model(MODEL)}
        project = fork.project.model_copy(update={"models": models})
        assert Ledger(Artefacts(fork.enter("prod"), project), "other").deployments() == []
        with pytest.raises(ReleaseError, match="prod has no former release of other to put back"):
            roll_back(fork.enter("prod"), project, RollbackRequest("other"), fork.said.append)
