"""The checks find each fault of a definition, and nothing in a sound one."""

import json
from pathlib import Path

import pytest

from headrace_aws.asl.commands import check_main as main
from headrace_aws.asl.commands import findings

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.mark.parametrize("file", sorted((FIXTURES / "bad").glob("*.json")), ids=lambda file: file.name)
def test_bad_fixture_has_its_finding(file: Path) -> None:
    """Each bad definition has one fault; its Comment says what must be said of it, once."""
    expected = json.loads(file.read_text(encoding="utf-8"))["Comment"]
    found = [str(finding) for finding in findings(file.read_text())]
    assert len([line for line in found if expected in line]) == 1, found


@pytest.mark.parametrize("file", sorted((FIXTURES / "good").glob("*.json")), ids=lambda file: file.name)
def test_good_fixture_has_no_finding(file: Path) -> None:
    """A sound definition is let through: Map states, JSON messages, and a failure path without catchers."""
    assert [str(finding) for finding in findings(file.read_text())] == []


def test_rendered_definitions_have_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """What the pipelines render passes, and silence with status 0 says so."""
    assert main([]) == 0
    assert capsys.readouterr().out == ""


def test_a_finding_is_one_line_with_file_and_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    """Any finding makes the status 1 and names file, state, member, value and remedy in one line."""
    file = FIXTURES / "bad" / "wrong-enum.asl.json"
    assert main([str(file)]) == 1
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line.startswith(
        f"{file}: state 'Prepare data', Parameters.ProcessingResources.ClusterConfig.InstanceType"
    )
    assert "'ml.m5.xlrge'; ProcessingInstanceType has no such value; do you mean ml.m5.xlarge?" in line


def test_a_file_that_is_no_json_is_a_finding(tmp_path: Path) -> None:
    """An unreadable file is reported, not skipped."""
    file = tmp_path / "broken.asl.json"
    file.write_text("{", encoding="utf-8")
    assert "render it anew" in str(next(findings(file.read_text())))
