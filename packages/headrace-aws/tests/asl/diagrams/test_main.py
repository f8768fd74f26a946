"""The command that draws."""

from pathlib import Path

import pytest

from headrace_aws.asl.diagrams.__main__ import drawings, main
from headrace_aws.config.project import load_project
from pipelines import PIPELINES


def test_every_pipeline_has_a_drawing() -> None:
    """One file for each pipeline, the same text each time."""
    project = load_project()
    assert set(drawings(project)) == {f"{pipeline.NAME}.svg" for pipeline in PIPELINES}
    assert drawings(project) == drawings(project)


def test_committed_drawings_are_current() -> None:
    """What is in the repository is what the code draws."""
    assert main(["--check"]) == 0


def test_a_drawing_is_that_of_the_pipeline_and_not_of_the_model() -> None:
    """A fork with a project, a model and a gate of its own has the same drawings."""
    project = load_project()
    model = next(iter(project.models.values()))
    fork = project.model_copy(update={"name": "mill", "models": {"grain": model}})
    assert drawings(fork) == drawings(project)


def test_check_names_each_fault_and_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing, stale and left-over files fail the check; drawing mends all three."""
    assert main(["--check"], tmp_path) == 1
    assert "training.svg: is missing; run `make graph`" in capsys.readouterr().err
    (tmp_path / "training.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "gone.svg").write_text("<svg/>", encoding="utf-8")
    assert main(["--check"], tmp_path) == 1
    told = capsys.readouterr().err
    assert "training.svg: is stale; run `make graph`" in told
    assert "gone.svg: belongs to no pipeline; run `make graph`" in told
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0
