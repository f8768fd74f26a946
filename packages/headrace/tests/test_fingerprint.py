"""Fingerprints change with content and names, and with nothing else."""

from pathlib import Path

import pytest

from headrace.fingerprint import fingerprint_of_code, fingerprint_of_files


def test_order_does_not_matter_and_content_does(tmp_path: Path) -> None:
    """The same files in any order have one fingerprint; another byte or name has another."""
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("1")
    second.write_text("2")
    before = fingerprint_of_files([first, second], tmp_path)
    assert before == fingerprint_of_files([second, first], tmp_path)
    second.write_text("3")
    changed = fingerprint_of_files([first, second], tmp_path)
    assert changed != before
    renamed = second.rename(tmp_path / "c.csv")
    assert fingerprint_of_files([first, renamed], tmp_path) not in (before, changed)


def test_code_is_that_of_headrace_and_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed line in the model package changes the fingerprint of the code."""
    package = tmp_path / "fingerprinted"
    package.mkdir()
    (package / "__init__.py").write_text("MODEL = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    before = fingerprint_of_code("fingerprinted")
    assert before != fingerprint_of_code("toy")
    (package / "__init__.py").write_text("MODEL = 2\n")
    assert fingerprint_of_code("fingerprinted") != before
