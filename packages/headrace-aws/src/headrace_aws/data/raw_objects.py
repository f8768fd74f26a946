"""The raw objects that a run read: which versions they were, and whether they are the ones it fingerprinted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from headrace.fingerprint import fingerprint_of_digests
from headrace.tables import SUFFIXES
from headrace_aws import formatting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class RawObject:
    """A version of an object that holds a raw table, or a part of one."""

    name: str  # below the folder of the raw tables
    key: str
    version_id: str
    size: int  # bytes
    put_at: datetime
    sha256: str  # from its metadata, empty when whoever put it gave none


@dataclass(frozen=True)
class _Version:
    key: str
    version_id: str
    size: int
    put_at: datetime


def raw_objects_at(
    s3: "S3Client", bucket: str, prefix: str, tables: Collection[str], when: datetime
) -> list[RawObject]:
    """Return the tables below a prefix as they were at a moment: of each key the version that was current.

    A version that its lifecycle rule has removed since is not found, nor is its key then.
    """
    found = [
        version
        for version in _versions_at(s3, bucket, prefix, when)
        if is_part_of_table(version.key.removeprefix(prefix), tables)
    ]
    return [
        RawObject(
            name=version.key.removeprefix(prefix),
            key=version.key,
            version_id=version.version_id,
            size=version.size,
            put_at=version.put_at,
            sha256=_sha256(s3, bucket, version),
        )
        for version in found
    ]


def is_part_of_table(name: str, tables: Collection[str]) -> bool:
    """Tell whether the prepare job reads a file of that name for one of the tables."""
    folder, _, file = name.rpartition("/")
    if folder:
        return folder in tables and file.endswith(SUFFIXES)
    return any(file == f"{table}{suffix}" for table in tables for suffix in SUFFIXES)


def verification(objects: Sequence[RawObject], data_fingerprint: str) -> str:
    """Return whether objects are the ones that have a data fingerprint, or why that is not known."""
    unsigned = [found.name for found in objects if not found.sha256]
    if not objects:
        return (
            "not verified: no version from before the run is left; replaced and deleted versions are kept for a "
            "limited time, see infra/stacks/data.yaml"
        )
    if not data_fingerprint:
        return "not verified: no data fingerprint is recorded to hold these objects against"
    if unsigned:
        return (
            f"not verified: {formatting.count(len(unsigned), 'object')} of {len(objects)} without a sha256 "
            f"in the metadata, which `make data` writes: {', '.join(unsigned)}"
        )
    computed = fingerprint_of_digests({found.name: found.sha256 for found in objects})
    if computed == data_fingerprint:
        return "verified: the data fingerprint is that of these objects"
    return (
        f"NOT VERIFIED: these objects have the fingerprint {computed}; the tables changed between the run's start "
        f"and its reading of them, or a version has expired since"
    )


def _versions_at(s3: "S3Client", bucket: str, prefix: str, when: datetime) -> list[_Version]:
    """Return the version of each key that was current at a moment, by key; what was deleted then is left out."""
    current: dict[str, _Version] = {}
    deleted: dict[str, datetime] = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for marker in page.get("DeleteMarkers", []):
            if marker["LastModified"] <= when:
                key = marker["Key"]
                deleted[key] = max(marker["LastModified"], deleted.get(key, marker["LastModified"]))
        for version in page.get("Versions", []):
            # S3 lists the newest version of a key first, also where two bear the same second.
            if version["LastModified"] <= when:
                found = _Version(
                    version["Key"], version["VersionId"], version["Size"], version["LastModified"]
                )
                current.setdefault(found.key, found)
    return [
        version
        for key, version in sorted(current.items())
        if key not in deleted or deleted[key] < version.put_at
    ]


def _sha256(s3: "S3Client", bucket: str, version: _Version) -> str:
    head = s3.head_object(Bucket=bucket, Key=version.key, VersionId=version.version_id)
    return head["Metadata"].get("sha256", "")
