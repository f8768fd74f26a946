"""A model package is found by name, and what is none is reported."""

import sys
from pathlib import Path

import pytest
from toy import MODEL

from headrace.errors import ConfigurationError
from headrace.model import load_model


def test_a_package_gives_its_model() -> None:
    """The attribute MODEL of the package is the model."""
    assert load_model("toy") is MODEL


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "package 'made_up_shop' is not found; create src/made_up_shop/ or correct project.toml"),
        ("", "package 'made_up_shop' has no MODEL, an instance of headrace.model.Model"),
        (
            "from toy.model import Toy\nclass Price(Toy):\n    task = 'regression'\nMODEL = Price()\n",
            "package 'made_up_shop' has task 'regression'; the jobs can do 'binary' only",
        ),
    ],
)
def test_what_is_no_model_is_reported(
    source: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing package, one without MODEL, and a task that the jobs cannot do."""
    if source is not None:
        (tmp_path / "made_up_shop.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=message):
        load_model("made_up_shop")
    sys.modules.pop("made_up_shop", None)  # the next case has another


def test_a_missing_import_inside_a_package_is_not_taken_for_a_missing_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the library that is missing, not the package that wants it."""
    (tmp_path / "broken.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        ConfigurationError, match=r"'broken' imports 'no_such_library', which is not installed; name it in"
    ):
        load_model("broken")


@pytest.mark.parametrize("package", ["", "../x", "a b", "flights/", "a..b", ".x", "é-è", "\udc80"])
def test_what_names_no_package_is_reported(package: str) -> None:
    """In place of the words of Python's import."""
    with pytest.raises(ConfigurationError, match=r"is no name of a package; correct it: a folder under src/"):
        load_model(package)


def test_a_package_in_one_that_is_missing_is_not_found() -> None:
    """Whichever part of the name is missing."""
    with pytest.raises(ConfigurationError, match=r"package 'no_such.model' is not found; create src/"):
        load_model("no_such.model")
