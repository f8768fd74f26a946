"""What SageMaker moves from and to S3 for a job: streamed, and with the credentials of the job's role."""

import shutil
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from headrace_local.context import current
from headrace_local.grammars.s3_uri import bucket_and_key
from headrace_local.iam import roles
from headrace_local.sagemaker.errors import client_error, no_objects
from headrace_local.sagemaker.job import Job
from headrace_local.sagemaker.plan import Input

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1 << 20
# The server is one process on this machine: neither threads nor parts make it faster.
_TRANSFER = TransferConfig(use_threads=False, multipart_threshold=256 << 20, multipart_chunksize=128 << 20)
_CONFIG = Config(
    s3={"addressing_style": "path"},
    retries={"max_attempts": 1},
    # The checksums that are optional cost more here than the transfer itself.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_TAR_LEVEL = 1  # a model is compressed already, or small

_session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local")  # noqa: S106 - no secret
_session_lock = threading.Lock()  # a session may not make two clients at once
_stores: dict[tuple[str, str], tuple[float, "Store"]] = {}
_KEPT_SECONDS = 1800  # half of what the credentials of an assumed role last
SESSION_NAME = "SageMaker"  # the name of a job's session, as on AWS


@dataclass(frozen=True)
class Object:
    """An object below a prefix: where it goes in the folder of its input, and its size in bytes."""

    key: str
    path: str
    size: int


@dataclass(frozen=True)
class Store:
    """S3 as the role of one job sees it."""

    client: "S3Client"
    region: str
    role: str

    def objects(self, uri: str) -> list[Object]:
        """Return the objects under a prefix, by key."""
        bucket, prefix = split(uri)
        try:
            pages = list(self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
        except ClientError as error:
            raise client_error(
                f"Failed to download data. ListObjectsV2 failed for {uri}: {_words(error)}"
            ) from error
        found = [
            Object(entry["Key"], relative_path(entry["Key"], prefix), entry["Size"])
            for page in pages
            for entry in page.get("Contents", ())
            if not entry["Key"].endswith("/")
        ]
        return sorted(found, key=lambda object_: object_.key)

    def share(self, source: Input, index: int, count: int) -> list[Object]:
        """Return what an instance gets of an input: all of it, or every `count`-th object from `index` on.

        Raises `JobFailedError` when there is nothing at all. A share of nothing is none: AWS leaves an instance
        without data where there are fewer objects than instances.
        """
        objects = self.objects(source.uri)
        if not objects and source.required:
            bucket, _ = split(source.uri)
            words = no_objects(source.uri, bucket, self.region, self.role)
            raise client_error(f"Failed to download data. {words}")
        return objects[index::count] if source.sharded else objects

    def download(self, source: Input, share: list[Object], folder: Path) -> None:
        """Bring a share of an input into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        bucket, _ = split(source.uri)
        for key, path in ((object_.key, object_.path) for object_ in share):
            target = folder / path
            if not target.resolve().is_relative_to(folder.resolve()):
                raise client_error(f"Failed to download data. The key {key!r} leads out of {source.folder}")
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                body = self.client.get_object(Bucket=bucket, Key=key)["Body"]
            except ClientError as error:
                uri = f"s3://{bucket}/{key}"
                raise client_error(
                    f"Failed to download data. Unable to download object {uri}: {_words(error)}"
                ) from error
            with target.open("wb") as file:
                shutil.copyfileobj(body, file, _CHUNK_BYTES)

    def upload_folder(self, folder: Path, uri: str, kms_key: str | None = None) -> None:
        """Upload every file of a folder."""
        for file in files(folder):
            self.upload(file, f"{uri.rstrip('/')}/{file.relative_to(folder).as_posix()}", kms_key)

    def upload_archive(self, folders: list[Path], uri: str, kms_key: str | None = None) -> bool:
        """Upload the files of all folders as one tar.gz, and return whether there are any.

        Where two folders have the same file, the first one's counts.
        """
        members = {file.relative_to(folder): file for folder in reversed(folders) for file in files(folder)}
        if not members:
            return False
        with tempfile.TemporaryDirectory(prefix="archive-", dir=folders[0].parent) as scratch:
            archive = Path(scratch) / "archive.tar.gz"
            with tarfile.open(archive, "w:gz", compresslevel=_TAR_LEVEL) as tar:
                for name, file in sorted(members.items()):
                    tar.add(file, arcname=name.as_posix(), recursive=False)
            self.upload(archive, uri, kms_key)
        return True

    def upload(self, file: Path, uri: str, kms_key: str | None) -> None:
        """Upload one file, encrypted with the key if one is given, else as the bucket has it."""
        bucket, key = split(uri)
        extra = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else None
        try:
            self.client.upload_file(str(file), bucket, key, ExtraArgs=extra, Config=_TRANSFER)
        except Exception as error:
            # boto3 wraps what the API said in an error of its own; both name the bucket.
            raise client_error(f"Artifact upload failed for {uri}: {error}") from error


def store(job: Job) -> Store:
    """Return S3 for a job, as its role and in its role's own account.

    The role is assumed once in a while and not for each job: making a client costs more than a small job's own work.
    """
    key = (job.role, job.region)
    with _session_lock:
        kept = _stores.get(key)
        if kept is None or kept[0] < time.monotonic():
            kept = _stores[key] = (time.monotonic() + _KEPT_SECONDS, _assumed(job))
    return kept[1]


def _assumed(job: Job) -> Store:
    client = _session.client(
        "s3",
        region_name=job.region,
        endpoint_url=current().endpoint,
        config=_CONFIG,
        **roles.credentials(job.role, SESSION_NAME, job.region),
    )
    return Store(client, job.region, job.role)


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key of an s3:// URI; raise `JobFailedError` when it is none."""
    try:
        return bucket_and_key(uri)
    except ValueError as error:
        raise client_error(str(error)) from error


def relative_path(key: str, prefix: str) -> str:
    """Return where an object lies in its folder: below the prefix, which may be a folder, a file or part of a name."""
    folder = prefix.rstrip("/") + "/" if prefix else ""
    if key.startswith(folder):
        return key.removeprefix(folder)
    return key[prefix.rfind("/") + 1 :]


def files(folder: Path) -> Iterator[Path]:
    """Return all files below a folder, by path; links are followed no further than to files."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _words(error: ClientError) -> str:
    return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
