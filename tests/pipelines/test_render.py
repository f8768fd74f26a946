"""Rendering is complete, stable, quick and needs no AWS."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.project import ROOT, load_project
from pipelines.render import PIPELINES, main, rendered


def test_every_model_has_every_pipeline() -> None:
    """One file for each model and pipeline, the same text each time, ending in a line end."""
    project = load_project()
    texts = rendered(project)
    assert set(texts) == {
        f"{model}-{pipeline.NAME}.asl.json" for model in project.models for pipeline in PIPELINES
    }
    assert texts == rendered(project)
    assert all(text.endswith("}\n") for text in texts.values())


def test_committed_definitions_are_current() -> None:
    """What is in the repository is what the code renders."""
    assert main(["--check"]) == 0


def test_check_names_each_fault_and_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, stale and left-over files fail the check; rendering mends all three."""
    name = f"{next(iter(load_project().models))}-training.asl.json"
    assert main(["--check"], tmp_path) == 1
    assert f"{name}: is missing; run `make render`" in capsys.readouterr().err
    (tmp_path / name).write_text("{}", encoding="utf-8")
    (tmp_path / "gone-training.asl.json").write_text("{}", encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    told = capsys.readouterr().err
    assert f"{name}: is stale; run `make render`" in told
    assert "gone-training.asl.json: belongs to no model and pipeline; run `make render`" in told
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0


def test_rendering_imports_no_aws_client() -> None:
    """A definition is built without boto3 and botocore, so without network and credentials."""
    code = "import sys, pipelines.render; print({'boto3', 'botocore'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "set()"
