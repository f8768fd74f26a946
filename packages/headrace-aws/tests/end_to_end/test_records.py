"""The records of a fork's runs, by the commands that a person calls."""

import json
from pathlib import Path

import polars as pl

from headrace_aws.testing.forks import Fork


def test_records_lead_from_the_run_back_to_the_raw_data(trained: Fork, tmp_path: Path) -> None:
    """A good and a failed run are listed, exported, compared; the model's data is found, and is what was read."""
    trained.train({"raw": trained.put_raw("nothing", b"")})
    newest, before = (run["execution"].rpartition(":")[2] for run in trained.runs()[:-3:-1])
    assert trained.succeed("runs", "--limit", "2").splitlines()[1].endswith(newest)
    file = tmp_path / "runs.parquet"
    trained.succeed("runs", "--export", str(file))
    assert pl.read_parquet(file).height == len(trained.runs())
    assert newest in trained.succeed("compare", "--run", f"{before},{newest}")
    lineage = trained.succeed("lineage")
    manifest = trained.client("s3").get_object(Bucket=trained.bucket, Key="toy/raw/_manifest.json")
    assert [file["key"] for file in json.loads(manifest["Body"].read())["files"]] == ["toy/raw/visits.csv"]
    assert "visits.csv  version " in lineage
    assert "verified: the data fingerprint is that of these objects" in lineage


def test_a_person_rejects_and_approves(trained: Fork) -> None:
    """The decision is in the registry with its reason, and a second one of the same kind is refused."""
    package = trained.packages()[-1]
    version = str(package["ModelPackageVersion"])
    trained.succeed(
        "reject",
        "--model-package",
        version,
        "--reason",
        "a second look",
    )
    assert trained.packages()[-1]["ModelApprovalStatus"] == "Rejected"
    assert "a second look" in trained.succeed("lineage", "--model-package", version)
    shown = trained.succeed("approve", "--model-package", version)
    assert "log_loss" in shown
    assert trained.packages()[-1]["ModelApprovalStatus"] == "Approved"
    again = trained.command("approve", "--model-package", version)
    assert again.returncode == 2
    assert "is already Approved" in again.stderr
