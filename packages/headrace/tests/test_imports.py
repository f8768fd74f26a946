"""What the runtime may import: a job reads and writes folders, and knows nothing of AWS."""

import ast
from pathlib import Path

import headrace

FORBIDDEN = {"boto3", "botocore", "sagemaker", "headrace_aws", "headrace_local", "pipelines", "pickle"}


def test_the_runtime_imports_no_aws() -> None:
    """Neither an SDK, nor another package of the repository, nor pickle; also not inside a function."""
    found = set()
    for file in Path(headrace.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {(name.name.partition(".")[0], file.name) for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add((node.module.partition(".")[0], file.name))
    assert ("polars", "examples.py") in found
    assert [each for each in sorted(found) if each[0] in FORBIDDEN] == []
