"""Rendering is complete, stable, quick and needs no AWS."""

import subprocess
import sys
from pathlib import Path

from headrace_aws.asl.render import DEFINITIONS, render, rendered
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from pipelines import PIPELINES

ROOT = project_root()


def test_every_model_has_every_pipeline() -> None:
    """One file for each model and pipeline, the same text each time, ending in a line end."""
    project = load_project()
    texts = rendered(project)
    assert set(texts) == {
        f"{model}-{pipeline.NAME}.asl.json" for model in project.models for pipeline in PIPELINES
    }
    assert texts == rendered(project)
    assert all(text.endswith("}\n") for text in texts.values())


def test_rendering_writes_what_there_is_and_nothing_else(tmp_path: Path) -> None:
    """What is stale is written anew, and what belongs to no pipeline any more is removed."""
    project = load_project()
    texts = render(project, tmp_path)
    name = next(iter(texts))
    (tmp_path / DEFINITIONS / name).write_text("{}", encoding="utf-8")
    (tmp_path / DEFINITIONS / "gone-training.asl.json").write_text("{}", encoding="utf-8")
    render(project, tmp_path)
    found = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / DEFINITIONS).iterdir()}
    assert found == texts


def test_rendering_and_drawing_import_no_aws_client() -> None:
    """Both are done without boto3 and botocore, so without network and credentials."""
    modules = "headrace_aws.asl.render, headrace_aws.asl.diagrams.__main__"
    code = f"import sys, {modules}; print({{'boto3', 'botocore'}} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "set()"
