"""A change of the template's packages is reported, with what it means, until it is made part of the manifest."""

from pathlib import Path

import pytest

from headrace_aws import package_files

GATE = Path("headrace/src/headrace/gate.py")


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The packages of a project whose manifest is current."""
    (tmp_path / "project.toml").touch()
    folder = tmp_path / "packages"
    (folder / GATE).parent.mkdir(parents=True)
    (folder / GATE).write_text("LIMIT = 1\n", encoding="utf-8")
    (folder / "README.md").write_text("# packages\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert package_files.main(["--write"]) == 0
    return folder


def test_unchanged_packages_pass_silently(packages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither bytecode nor an installation's metadata is a change, and where there is no folder nothing is compared."""
    (packages / "headrace/src/headrace/__pycache__").mkdir()
    (packages / "headrace/src/headrace/__pycache__/gate.cpython-311.pyc").touch()
    (packages / "headrace/src/headrace.egg-info").mkdir()
    (packages / "headrace/src/headrace.egg-info/PKG-INFO").touch()
    assert package_files.main([]) == 0
    packages.rename(packages.with_name("elsewhere"))
    assert package_files.main([]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_changed_package_is_reported_until_the_manifest_is_written(
    packages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fork reads which files it changed and that an update replaces them; a maintainer writes the manifest."""
    (packages / GATE).write_text("LIMIT = 2\n", encoding="utf-8")
    (packages / GATE.with_name("own.py")).touch()
    (packages / "README.md").unlink()
    assert package_files.main([]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "packages/README.md: missing",
        "packages/headrace/src/headrace/gate.py: changed",
        "packages/headrace/src/headrace/own.py: added",
    ]
    assert "an update replaces them. Send the change upstream, or move it into src/" in told.err
    assert "headrace packages --write" in told.err
    assert package_files.main(["--write"]) == 0
    assert package_files.main([]) == 0
