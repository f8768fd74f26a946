"""The records of a fork's runs, by the commands that a person calls."""

import json
from pathlib import Path

import polars as pl

from headrace_aws.testing.forks import Fork


def said(fork: Fork, module: str, *arguments: str) -> str:
    """Return what a command of the fork says that ends well."""
    done = fork.command(module, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_records_lead_from_the_run_back_to_the_raw_data(fork: Fork, tmp_path: Path) -> None:
    """A good and a failed run are listed, exported, compared; the model's data is found, and is what was read."""
    if not fork.packages():
        fork.train()
    fork.train({"raw": fork.put_raw("nothing", b"")})
    newest, before = (run["execution"].rpartition(":")[2] for run in fork.runs()[:-3:-1])
    assert said(fork, "runs", "--limit", "2").splitlines()[1].endswith(newest)
    file = tmp_path / "runs.parquet"
    said(fork, "runs", "--export", str(file))
    assert pl.read_parquet(file).height == len(fork.runs())
    assert newest in said(fork, "compare", "--run", f"{before},{newest}")
    lineage = said(fork, "lineage")
    manifest = fork.client("s3").get_object(Bucket=fork.bucket, Key="toy/raw/_manifest.json")
    assert [file["key"] for file in json.loads(manifest["Body"].read())["files"]] == ["toy/raw/visits.csv"]
    assert "visits.csv  version " in lineage
    assert "verified: the data fingerprint is that of these objects" in lineage


def test_a_person_rejects_and_approves(fork: Fork) -> None:
    """The decision is in the registry with its reason, and a second one of the same kind is refused."""
    if not fork.packages():
        fork.train()
    package = fork.packages()[-1]
    version = str(package["ModelPackageVersion"])
    said(
        fork,
        "reject",
        "--model-package",
        version,
        "--reason",
        "a second look",
    )
    assert fork.packages()[-1]["ModelApprovalStatus"] == "Rejected"
    assert "a second look" in said(fork, "lineage", "--model-package", version)
    shown = said(fork, "approve", "--model-package", version)
    assert "log_loss" in shown
    assert fork.packages()[-1]["ModelApprovalStatus"] == "Approved"
    again = fork.command("approve", "--model-package", version)
    assert again.returncode == 2
    assert "is already Approved" in again.stderr
