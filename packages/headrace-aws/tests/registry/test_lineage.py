"""From a model package back to what made it, and on to what it predicted."""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from run_records import ModelRecords, profile

from headrace.errors import ConfigurationError
from headrace.fingerprint import fingerprint_of_digests
from headrace_aws import naming
from headrace_aws.data.raw_objects import RawObject, is_part_of_table, raw_objects_at, verification
from headrace_aws.registry.lineage_command import trace

TABLES = ("visits", "weather")
VERIFIED = "verified: the data fingerprint is that of these objects"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put_raw(records: ModelRecords, name: str, content: bytes, *, signed: bool = True) -> str:
    """Put a raw object as `make data` does, or as somebody else; return its version."""
    metadata = {"sha256": sha256(content)} if signed else {}
    return records.put_object(f"{records.context.model}/raw/{name}", content, **metadata)


def next_second() -> datetime:
    """Wait until what was put before and what is put after lie in other seconds, the unit of S3; return the moment."""
    time.sleep(1.1 - time.time() % 1)
    return datetime.now(UTC)


def traced(records: ModelRecords, given: str = "", **options: Any) -> str:
    """Return the lineage as text."""
    said: list[str] = []
    assert trace(records.context, given, said.append, **options) == 0
    return "\n".join(said)


def trained(
    records: ModelRecords, fingerprint: str, started: datetime, table: str = "visits", **metadata: str
) -> str:
    """Leave all that a training run leaves that registers a model; return the version's ARN."""
    attributes = {"metrics": {"log_loss": 0.5}, "hyperparameters": {"max_depth": 4}, "trigger": "schedule"}
    name = f"run-{started:%H%M%S}"
    execution = records.put_run(name, started, data_fingerprint=fingerprint, **attributes)
    records.put_profile(execution, profile(fingerprint, table=table))
    records.put_evaluation(execution)
    records.put_object(f"{records.context.model}/runs/training/{name}/train/model.tar.gz", b"a model")
    return records.register(execution, data_fingerprint=fingerprint, **metadata)


def test_the_chain_reaches_from_package_to_raw_objects(records: ModelRecords) -> None:
    """Each link is there, and the raw objects are the versions of then, with older and newer ones around them."""
    put_raw(records, "visits/1.csv", b"first rows")
    old = put_raw(records, "visits/1.csv", b"old rows")
    other = put_raw(records, "visits/2.csv", b"more rows")
    put_raw(records, "_manifest.json", b"{}")
    started = next_second()
    next_second()
    put_raw(records, "visits/1.csv", b"new rows")
    fingerprint = fingerprint_of_digests(
        {"visits/1.csv": sha256(b"old rows"), "visits/2.csv": sha256(b"more rows")}
    )
    arn = trained(records, fingerprint, started, code_fingerprint="c0de")
    records.put_run(
        "predicted", pipeline="inference", status="published", metrics={"rows": 99}, model_package_arn=arn
    )
    records.put_run("of-another", pipeline="inference", status="published", model_package_arn=f"{arn}1")
    text = traced(records)
    for part in (
        arn,
        "Approved: no name is recorded",
        "evaluate/evaluation/evaluation.json",
        "The model passes all 2 rules.",
        "log_loss 0.5000",
        f"training, registered, started {started:%Y-%m-%d %H:%M:%S} UTC, took 15.0 s, started by schedule",
        "max_depth 4",
        "train/model.tar.gz",
        "7 B, version ",
        f"fingerprint {fingerprint}",
        "test 400 rows, 2026-01-01T00:00:00 to 2026-01-30T00:00:00",
        f"visits/1.csv  version {old}  8 B  sha256 {sha256(b'old rows')}",
        f"visits/2.csv  version {other}  9 B  sha256 {sha256(b'more rows')}",
        VERIFIED,
        "commit 0123abcdef",
        "fingerprint c0de",
        "image mill@sha256:0",
        "published  99 rows  predicted",
    ):
        assert part in text
    assert "_manifest.json" not in text
    assert "of-another" not in text
    assert sha256(b"a model") not in text
    assert f"sha256 {sha256(b'a model')}" in traced(records, checksum=True)


def test_a_run_that_was_told_where_its_data_lies_is_followed_there(records: ModelRecords) -> None:
    """The input of the execution names the folder of the raw tables, and it is the one that is looked at."""
    context = records.context
    put_raw(records, "june/visits.csv", b"june")
    put_raw(records, "visits.csv", b"the whole year")
    machine = naming.state_machine_arn(context.project, context.aws.environment, context.model, "training")
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [trust]}
    role = context.aws.client("iam").create_role(
        RoleName=context.group, AssumeRolePolicyDocument=json.dumps(policy)
    )
    context.states.create_state_machine(
        name=machine.rpartition(":")[2],
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn=role["Role"]["Arn"],
    )
    started = next_second()
    given = {"raw": f"s3://{context.bucket}/{context.model}/raw/june/"}
    context.states.start_execution(
        stateMachineArn=machine, name=f"run-{started:%H%M%S}", input=json.dumps(given)
    )
    trained(records, fingerprint_of_digests({"visits.csv": sha256(b"june")}), started)
    text = traced(records)
    assert f"raw objects      {given['raw']}\n" in text
    assert VERIFIED in text


def test_a_version_of_nobody_is_reported_link_by_link(records: ModelRecords) -> None:
    """What was registered by hand, without run and evaluation, has a lineage that says what is not known."""
    records.register()
    text = traced(records, "1")
    for part in (
        "is missing; it is the model: put back a former version of the object",
        "not known: the version was not registered by a pipeline",
        "not verified: without the run's record",
        "fingerprint not known",
        "none recorded",
    ):
        assert part in text


def test_a_folder_that_is_only_supposed_is_reported_as_such(records: ModelRecords) -> None:
    """Step Functions forgets an execution after 90 days, and with it where the input said that the data lies."""
    trained(records, "d", datetime.now(UTC))
    assert "which is the default: Step Functions no longer has the run's input" in traced(records)


def test_versions_are_named_by_number_or_arn(records: ModelRecords) -> None:
    """Each shows its own; the default is the newest that is approved, not the newest."""
    first, second = records.register(), records.register(approval="PendingManualApproval")
    assert first in traced(records)
    assert second in traced(records, "2")
    assert "it waits for `make approve`" in traced(records, second)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "no version of .* is approved in local; name another by --model-package"),
        ("7", "has no version 7 in local; it has: 1$"),
        ("newest", "'newest' is no version of .*; give its number, such as 3, or its ARN"),
        ("0", "'0' is no version"),
        ("arn:aws:sagemaker:us-east-1:000000000000:model-package/other/1", "is no version of"),
    ],
)
def test_a_version_that_is_not_there_is_reported(records: ModelRecords, given: str, message: str) -> None:
    """The message says what there is, or how a version is named."""
    records.register(approval="Rejected")
    with pytest.raises(ConfigurationError, match=message):
        traced(records, given)


def test_what_was_deleted_before_is_not_among_the_raw_objects(records: ModelRecords) -> None:
    """A table that was there once, and gone when the run started, was not read; one deleted later was."""
    context = records.context
    put_raw(records, "visits/gone.csv", b"1")
    put_raw(records, "visits/later.csv", b"2")
    next_second()
    context.s3.delete_object(Bucket=context.bucket, Key=f"{context.model}/raw/visits/gone.csv")
    started = next_second()
    next_second()
    context.s3.delete_object(Bucket=context.bucket, Key=f"{context.model}/raw/visits/later.csv")
    found = raw_objects_at(context.s3, context.bucket, f"{context.model}/raw/", TABLES, started)
    assert [each.name for each in found] == ["visits/later.csv"]


def test_the_objects_of_every_page_are_found(records: ModelRecords) -> None:
    """A listing holds a thousand versions at most; those of the next page count as well."""
    for _ in range(2):
        put_raw(records, "visits.csv", b"x")
    pages: list[Any] = []

    def cut(params: dict[str, Any], **_: Any) -> None:
        params["MaxKeys"] = 1
        pages.append(params)

    events = records.context.s3.meta.events
    events.register("provide-client-params.s3.ListObjectVersions", cut)
    try:
        put_raw(records, "weather.csv", b"y")
        started = next_second()
        prefix = f"{records.context.model}/raw/"
        found = raw_objects_at(records.context.s3, records.context.bucket, prefix, TABLES, started)
    finally:
        events.unregister("provide-client-params.s3.ListObjectVersions", cut)
    assert [each.name for each in found] == ["visits.csv", "weather.csv"]
    assert len(pages) > 1


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("visits.csv", True),
        ("visits.csv.gz", True),
        ("weather/part-1.parquet", True),
        ("visits.json", False),
        ("_manifest.json", False),
        ("other.csv", False),
        ("june/visits.csv", False),
        ("visits/june/1.csv", False),
    ],
)
def test_only_what_the_prepare_job_reads_counts(name: str, *, is_read: bool) -> None:
    """Names are those of its own rule: a file by the table's name, or any table file in a folder of that name."""
    assert is_part_of_table(name, TABLES) is is_read


def raw_object(name: str, digest: str) -> RawObject:
    return RawObject(name, f"m/raw/{name}", "v1", 1, datetime.now(UTC) - timedelta(days=1), digest)


@pytest.mark.parametrize(
    ("digests", "fingerprint", "said"),
    [
        ({"a.csv": "1", "b.csv": "2"}, fingerprint_of_digests({"a.csv": "1", "b.csv": "2"}), VERIFIED),
        ({"a.csv": "1"}, fingerprint_of_digests({"a.csv": "2"}), "NOT VERIFIED: these objects have the"),
        ({"a.csv": "1", "b.csv": ""}, "f", "not verified: 1 object of 2 without a sha256 in the metadata"),
        ({"a.csv": "1"}, "", "not verified: no data fingerprint is recorded"),
        ({}, "f", "not verified: no version from before the run is left"),
    ],
)
def test_the_verification_says_what_it_could_not_do(
    digests: dict[str, str], fingerprint: str, said: str
) -> None:
    """Equal fingerprints verify; anything else is reported as what it is."""
    objects = [raw_object(name, digest) for name, digest in digests.items()]
    assert verification(objects, fingerprint).startswith(said)
