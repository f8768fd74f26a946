"""Put raw tables where the pipelines read them: `headrace data [--from FOLDER]`.

Without `--from`, the tables are the example that comes with the model's package.

Written last is a manifest, which lists the model's tables: whoever sees a new one knows that the data is complete.
"""

import hashlib
import tempfile
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace import strict_json
from headrace.arguments import path_argument
from headrace.errors import ConfigurationError, DataError
from headrace.model import load_model
from headrace_aws import cli, formatting, naming
from headrace_aws.config.project import load_project
from headrace_aws.data.raw_objects import is_part_of_table
from headrace_aws.session import aws_session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST = "_manifest.json"  # no table: the prepare job passes over it

_CHUNK_BYTES = 1 << 20
_MEGABYTE = 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("data", "Put a model's raw tables into its data bucket.")
    parser.add_argument("--from", dest="folder", type=path_argument, help="a folder with tables of your own")
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        aws = aws_session(project, options.env)
        tables = [table.name for table in load_model(project.model(model).package).tables]
        bucket = naming.data_bucket(project, aws.environment)
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.folder or write_example(project.model(model).package, Path(temporary))
            s3, prefix = aws.client("s3"), f"{model}/raw/"
            upload(s3, bucket, prefix, folder, cli.say_on)
            write_manifest(s3, bucket, prefix, tables, cli.say_on)
        return 0

    return cli.exit_status(command)


def write_example(package: str, folder: Path) -> Path:
    """Have the model's package write its example tables into a folder, and return the folder."""
    name = f"{package}.example_data"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in {package, name}:
            raise
        raise ConfigurationError(
            f"package {package!r} has no module example_data; give a folder of tables by --from FOLDER"
        ) from error
    module.example_tables(folder)
    return folder


def upload(s3: "S3Client", bucket: str, prefix: str, folder: Path, say: Callable[[str], None]) -> list[str]:
    """Upload the files of a folder that S3 does not have yet, and return their keys.

    An object is the same when it bears the file's SHA-256: an ETag is no checksum under a KMS key. What else
    lies under the prefix stays.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder; --from takes a folder of tables")
    files = {f"{prefix}{file.relative_to(folder).as_posix()}": file for file in _tables(folder)}
    if not files:
        raise DataError(f"{folder} holds no file that is not hidden; --from takes a folder of tables")
    present = _objects(s3, bucket, prefix)
    written = []
    for key, file in files.items():
        checksum = _sha256(file)
        if key in present and _described(s3, bucket, key)["sha256"] == checksum:
            continue
        with file.open("rb") as content:  # in parts where it is large
            s3.upload_fileobj(content, bucket, key, ExtraArgs={"Metadata": {"sha256": checksum}})
        say(f"s3://{bucket}/{key}  {file.stat().st_size / _MEGABYTE:.1f} MB")
        written.append(key)
    if not written:
        say(f"s3://{bucket}/{prefix}: no change, {len(files)} files")
    others = sorted(present - files.keys())
    if others:
        say(f"also there, and left as it is: {', '.join(others)}")
    return written


def _tables(folder: Path) -> list[Path]:
    """Return the files of a folder; what is hidden, or in a folder that is, and a fetched manifest are no tables."""
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
        and file != folder / MANIFEST
    ]


def write_manifest(
    s3: "S3Client", bucket: str, prefix: str, tables: Collection[str], say: Callable[[str], None]
) -> None:
    """Write the manifest of a model's tables, unless it would say what the one that is there says.

    What is compared are the objects and not what was uploaded just now: so an upload that broke off before its
    manifest is completed by the next one. As long as a table has no object, the data is not complete, and there is
    nothing to write.
    """
    found = [
        key for key in _objects(s3, bucket, prefix) if is_part_of_table(key.removeprefix(prefix), tables)
    ]
    missing = [
        table
        for table in tables
        if not any(is_part_of_table(key.removeprefix(prefix), [table]) for key in found)
    ]
    if missing:
        say(f"not complete yet, so no manifest is written: no file of {', '.join(missing)}")
        return
    files = [_described(s3, bucket, key) for key in sorted(found)]
    key = f"{prefix}{MANIFEST}"
    if _listed(s3, bucket, key) == files:
        return
    content = {"created_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": files}
    body = strict_json.dumps(content, indent=2).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    say(f"s3://{bucket}/{key}  written last: the data is complete, {formatting.count(len(files), 'file')}")


def _listed(s3: "S3Client", bucket: str, key: str) -> object:
    """Return what the manifest lists that is there, or None when there is none that can be read."""
    try:
        return strict_json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), key)["files"]
    except (s3.exceptions.NoSuchKey, ValueError, KeyError, TypeError):
        return None


def _described(s3: "S3Client", bucket: str, key: str) -> dict[str, Any]:
    """Return an object as the manifest lists it; without versions it has no id, and another's may have no SHA-256."""
    head = s3.head_object(Bucket=bucket, Key=key)
    return {
        "key": key,
        "size": head["ContentLength"],
        "sha256": head["Metadata"].get("sha256"),
        "version_id": head.get("VersionId"),
    }


def _objects(s3: "S3Client", bucket: str, prefix: str) -> set[str]:
    """Return the keys below a prefix, save the manifest and the empty objects by which consoles show folders."""
    try:
        pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
    except s3.exceptions.NoSuchBucket as error:
        raise ConfigurationError(f"bucket {bucket} does not exist; `make deploy` makes it") from error
    found = {item["Key"] for page in pages for item in page.get("Contents", [])}
    return {key for key in found if key != f"{prefix}{MANIFEST}" and not key.endswith("/")}


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
