"""Raw tables on their way into the data bucket."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError, DataError
from headrace.schema import Column, Table
from headrace.tables import table_files
from headrace_aws.data.raw_data import upload, write_example, write_manifest
from headrace_local.testing import LocalAws


@pytest.fixture
def bucket(local_aws: LocalAws) -> str:
    name = f"test-{uuid4().hex}"
    s3 = local_aws.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two tables, one of them in a folder of its own, and files that are no tables."""
    for name in ("a.csv", "more/b.csv", ".DS_Store", "more/.ipynb_checkpoints/b-checkpoint.csv"):
        file = tmp_path / "raw" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "raw"


TABLES = ("a", "more")


def put(local_aws: LocalAws, bucket: str, folder: Path) -> list[str]:
    """Upload a folder and then the manifest of its tables; return what is said."""
    said: list[str] = []
    upload(local_aws.client("s3"), bucket, "m/raw/", folder, said.append)
    write_manifest(local_aws.client("s3"), bucket, "m/raw/", TABLES, said.append)
    return said


def manifest(s3: Any, bucket: str) -> dict[str, Any]:
    """Return the manifest that lies beside the tables."""
    content: dict[str, Any] = json.loads(
        s3.get_object(Bucket=bucket, Key="m/raw/_manifest.json")["Body"].read()
    )
    return content


def manifest_versions(s3: Any, bucket: str) -> int:
    """Return how often the manifest was written."""
    found = s3.list_object_versions(Bucket=bucket, Prefix="m/raw/_manifest.json")
    return len(found.get("Versions", []))


def test_only_what_differs_is_uploaded(local_aws: LocalAws, bucket: str, folder: Path) -> None:
    """The first upload writes every table, the second none, a third the one that changed, even at equal size."""
    s3 = local_aws.client("s3")
    said: list[str] = []
    assert upload(s3, bucket, "m/raw/", folder, said.append) == ["m/raw/a.csv", "m/raw/more/b.csv"]
    said.clear()
    assert upload(s3, bucket, "m/raw/", folder, said.append) == []
    assert said == [f"s3://{bucket}/m/raw/: no change, 2 files"]
    (folder / "a.csv").write_text("A.CSV")
    assert upload(s3, bucket, "m/raw/", folder, said.append) == ["m/raw/a.csv"]
    assert s3.get_object(Bucket=bucket, Key="m/raw/a.csv")["Body"].read() == b"A.CSV"


def test_other_files_stay_and_are_named(local_aws: LocalAws, bucket: str, folder: Path) -> None:
    """Nothing is deleted from S3; what is there and not in the folder is said."""
    s3 = local_aws.client("s3")
    s3.put_object(Bucket=bucket, Key="m/raw/old.csv", Body=b"")
    said: list[str] = []
    upload(s3, bucket, "m/raw/", folder, said.append)
    assert said[-1] == "also there, and left as it is: m/raw/old.csv"
    assert s3.head_object(Bucket=bucket, Key="m/raw/old.csv")


def test_the_manifest_lists_each_object_as_it_can_be_found_again(
    local_aws: LocalAws, bucket: str, folder: Path
) -> None:
    """Key, size, SHA-256 and version of every part of a table, also of one that lay there before; no other file."""
    s3 = local_aws.client("s3")
    s3.put_object(Bucket=bucket, Key="m/raw/more/old.csv", Body=b"old")
    s3.put_object(Bucket=bucket, Key="m/raw/june/a.csv", Body=b"another folder of tables")
    said = put(local_aws, bucket, folder)
    assert said[-1] == f"s3://{bucket}/m/raw/_manifest.json  written last: the data is complete, 3 files"
    written = manifest(s3, bucket)
    assert datetime.fromisoformat(written["created_at"]).tzinfo
    first, second, old = written["files"]
    assert first["sha256"] == hashlib.sha256(b"a.csv").hexdigest()
    found = s3.get_object(Bucket=bucket, Key=first["key"], VersionId=first["version_id"])
    assert found["Body"].read() == b"a.csv"
    assert first["size"] == 5
    assert second["key"] == "m/raw/more/b.csv"
    assert (old["key"], old["sha256"]) == ("m/raw/more/old.csv", None)


def test_the_manifest_is_written_only_when_the_data_changed(
    local_aws: LocalAws, bucket: str, folder: Path
) -> None:
    """What is no table of the model starts no training: the manifest, whose arrival does, stays as it is."""
    s3 = local_aws.client("s3")
    put(local_aws, bucket, folder)
    (folder / "notes.txt").write_text("no table")
    put(local_aws, bucket, folder)
    assert manifest_versions(s3, bucket) == 1
    (folder / "a.csv").write_text("A.CSV")
    put(local_aws, bucket, folder)
    assert manifest_versions(s3, bucket) == 2


def test_data_that_lacks_a_table_has_no_manifest(local_aws: LocalAws, bucket: str, folder: Path) -> None:
    """A part of the tables is not complete: it is said which is missing, and no training starts."""
    (folder / "a.csv").unlink()
    said = put(local_aws, bucket, folder)
    assert said[-1] == "not complete yet, so no manifest is written: no file of a"
    assert manifest_versions(local_aws.client("s3"), bucket) == 0


def test_an_upload_that_broke_off_is_completed_by_the_next(
    local_aws: LocalAws, bucket: str, folder: Path
) -> None:
    """When all tables are there and no manifest that can be read, there is only a manifest to write."""
    s3 = local_aws.client("s3")
    put(local_aws, bucket, folder)
    for spoilt in (None, b"{half", b"[]", b"{}"):
        s3.delete_object(Bucket=bucket, Key="m/raw/_manifest.json")
        if spoilt:
            s3.put_object(Bucket=bucket, Key="m/raw/_manifest.json", Body=spoilt)
        assert "no change, 2 files" in put(local_aws, bucket, folder)[0]
        assert len(manifest(s3, bucket)["files"]) == 2


def test_the_manifest_is_no_table(local_aws: LocalAws, bucket: str, tmp_path: Path) -> None:
    """A folder fetched from S3 holds it; it is not uploaded again, and the prepare job reads past it."""
    folder = tmp_path / "raw"
    (folder / "visits").mkdir(parents=True)
    (folder / "visits" / "1.csv").write_text("age\n3\n")
    (folder / "_manifest.json").write_text("{}")
    s3 = local_aws.client("s3")
    assert upload(s3, bucket, "m/raw/", folder, lambda _: None) == ["m/raw/visits/1.csv"]
    table = Table("visits", columns=(Column("age", "integer"),), key=("age",))
    assert table_files(folder, table) == [folder / "visits" / "1.csv"]


def test_a_missing_bucket_says_how_to_get_one(local_aws: LocalAws, folder: Path) -> None:
    """Before the first deployment there is no bucket."""
    with pytest.raises(ConfigurationError, match="make deploy"):
        upload(local_aws.client("s3"), f"test-{uuid4().hex}", "m/raw/", folder, lambda _: None)


def test_a_folder_without_files_is_an_error(local_aws: LocalAws, bucket: str, tmp_path: Path) -> None:
    """A folder without tables, or none, is a mistake of the caller and no upload of nothing."""
    (tmp_path / "hidden" / ".git").mkdir(parents=True)
    (tmp_path / "hidden" / ".git" / "config").touch()
    (tmp_path / "file.csv").touch()
    for folder in (tmp_path / "hidden", tmp_path / "none", tmp_path / "file.csv"):
        with pytest.raises(DataError, match=str(folder)):
            upload(local_aws.client("s3"), bucket, "m/raw/", folder, lambda _: None)


def test_a_package_without_example_is_told_what_to_give_instead(tmp_path: Path) -> None:
    """A model package need not bring example tables."""
    with pytest.raises(ConfigurationError, match="--from FOLDER"):
        write_example("headrace", tmp_path)


def test_a_refused_upload_is_an_error_of_aws(local_aws: LocalAws, bucket: str, folder: Path) -> None:
    """Commands tell errors of AWS in a line: the one of an upload is such an error, too."""
    s3 = local_aws.new_client("s3")  # the handler is of this client alone

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")

    s3.meta.events.register("before-call.s3.PutObject", refuse)
    with pytest.raises(ClientError, match="AccessDenied"):
        upload(s3, bucket, "m/raw/", folder, lambda _: None)
