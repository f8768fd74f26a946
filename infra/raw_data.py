"""Put raw tables where the pipelines read them: `python -m infra.raw_data --env local [--model NAME]`.

Without `--from`, the tables are the example that comes with the model's package.
"""

import hashlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from headrace.errors import ConfigurationError, DataError
from infra import cli, names
from infra.aws import clients
from pipelines.project import load_project

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1 << 20
_MEGABYTE = 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = cli.parser("infra.raw_data", "Put a model's raw tables into its data bucket.")
    parser.add_argument("--from", dest="folder", type=Path, help="a folder with tables of your own")
    options = parser.parse_args(arguments)

    def command() -> int:
        project = load_project()
        model = cli.model_name(project, options.model)
        found = clients(project, options.env)
        bucket = names.data_bucket(project, found.environment)
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.folder or write_example(project.model(model).package, Path(temporary))
            upload(found.client("s3"), bucket, f"{model}/raw/", folder, cli.say)
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
    files = {
        f"{prefix}{file.relative_to(folder).as_posix()}": file
        for file in sorted(folder.rglob("*"))
        # What is hidden, or in a folder that is, such as .ipynb_checkpoints, is no table.
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    }
    if not files:
        raise DataError(f"{folder} holds no file that is not hidden; --from takes a folder of tables")
    present = _objects(s3, bucket, prefix)
    written = []
    for key, file in files.items():
        checksum = _sha256(file)
        if key in present and s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("sha256") == checksum:
            continue
        s3.upload_file(str(file), bucket, key, ExtraArgs={"Metadata": {"sha256": checksum}})
        say(f"s3://{bucket}/{key}  {file.stat().st_size / _MEGABYTE:.1f} MB")
        written.append(key)
    if not written:
        say(f"s3://{bucket}/{prefix}: no change, {len(files)} files")
    others = sorted(present - files.keys())
    if others:
        say(f"also there, and left as it is: {', '.join(others)}")
    return written


def _objects(s3: "S3Client", bucket: str, prefix: str) -> set[str]:
    try:
        pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
    except s3.exceptions.NoSuchBucket as error:
        raise ConfigurationError(f"bucket {bucket} does not exist; `make deploy` makes it") from error
    return {item["Key"] for page in pages for item in page.get("Contents", [])}


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
