"""Raw tables on their way into the data bucket."""

from pathlib import Path
from uuid import uuid4

import pytest

from headrace.errors import ConfigurationError, DataError
from infra.raw_data import upload, write_example
from tests.conftest import LocalAws


@pytest.fixture
def bucket(local_aws: LocalAws) -> str:
    name = f"test-{uuid4().hex}"
    local_aws.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two tables, one of them in a folder of its own, and files that are no tables."""
    for name in ("a.csv", "more/b.csv", ".DS_Store", "more/.ipynb_checkpoints/b-checkpoint.csv"):
        file = tmp_path / "raw" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "raw"


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
