"""What a release wants of the stacks, also one that is older than this code."""

from pathlib import Path

import pytest

from infra.local.cloudformation.template import parsed
from infra.release.manifest import STACKS
from infra.wanted import parameter_names
from pipelines.project import ROOT


@pytest.mark.parametrize("file", sorted((ROOT / STACKS).glob("*.yaml")), ids=lambda file: file.stem)
def test_the_parameters_of_a_template_are_read_from_its_text(file: Path) -> None:
    """The names are those that CloudFormation sees, so nothing that a release asks for is left out."""
    text = file.read_text()
    assert parameter_names(text) == set(parsed(text).parameters)
    assert parameter_names("Resources: {}\n") == set()
