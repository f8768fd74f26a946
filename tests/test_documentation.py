"""What the documentation says of the Makefile and of models is true."""

import re

from headrace_aws.config.root import project_root
from headrace_aws.testing.forks import TOY

ROOT = project_root()

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def targets(pattern: str) -> set[str]:
    """Return the targets that a pattern finds in the Makefile."""
    return set(re.findall(pattern, (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_model_in_the_documentation_is_one_that_is_tested() -> None:
    """The whole model of docs/model.md is the one that the tests of the library and the fork run."""
    shown = re.search(
        r"^```python\n(.*?)^```", (ROOT / "docs" / "model.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert shown
    assert shown[1] == (TOY / "model.py").read_text()


def test_every_target_is_in_the_help() -> None:
    """`make help` lists each public target, with what it does."""
    assert targets(r"^([a-z-]+):") == targets(r"^([a-z-]+):.* ## .+")


def test_documents_name_only_targets_that_exist() -> None:
    """No page tells of a make target that is not there."""
    pages = [*DOCUMENTS, *(path for path in ROOT.glob("*/README.md"))]
    named = {
        target
        for page in pages
        for target in re.findall(r"(?:`|^ *)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named <= targets(r"^([a-z-]+):")


def test_the_page_of_roles_has_each_role() -> None:
    """docs/security.md has a row for every role of the stacks, and for no other."""
    stacks = [path.read_text(encoding="utf-8") for path in (ROOT / "infra" / "stacks").glob("*.yaml")]
    roles = {
        role
        for text in stacks
        for role in re.findall(r"^  (\w+):\n    Type: AWS::IAM::Role$", text, re.MULTILINE)
    }
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE)) == roles
