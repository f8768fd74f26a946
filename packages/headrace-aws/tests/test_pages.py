"""What the template's pages say of commands, paths, models and roles is true."""

import re

import pytest

from headrace_aws.__main__ import VERBS
from headrace_aws.config.root import project_root
from headrace_aws.testing.forks import TOY

ROOT = project_root()

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
READMES = [*ROOT.glob("*/README.md"), *ROOT.glob("packages/*/README.md"), *ROOT.glob(".github/*/README.md")]
FOLDERS = ["src", "pipelines", "infra", "notebooks", "tests", "packages", "requirements", ".github/workflows"]


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


def test_documents_name_only_targets_that_exist() -> None:
    """No page tells of a make target that is not there."""
    named = {
        target
        for page in [*DOCUMENTS, *READMES]
        for target in re.findall(r"(?:`|^ *)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named <= targets(r"^([a-z-]+):")


def test_documents_name_only_commands_that_exist() -> None:
    """No page tells of a verb of `headrace` that is not there."""
    named = {
        verb
        for page in [*DOCUMENTS, *READMES]
        for verb in re.findall(r"(?:`|bin/)headrace ([a-z][a-z-]*)", page.read_text(encoding="utf-8"))
    }
    assert named <= {verb for group in VERBS.values() for verb in group}


def test_links_lead_somewhere() -> None:
    """Each relative link of a page is a file or folder that is there."""
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in [*DOCUMENTS, *READMES]
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert not broken


def test_paths_in_documents_exist() -> None:
    """Each file or folder that a page names by its path, from the root or from its own folder, is there."""
    missing = [
        f"{page.relative_to(ROOT)}: {path}"
        for page in [*DOCUMENTS, *READMES]
        if page.name != "CHANGELOG.md"  # tells of what was
        for path in re.findall(
            r"`((?:docs|infra|notebooks|packages|pipelines|requirements|src|tests)/[\w./-]*)`",
            page.read_text(encoding="utf-8"),
        )
        if not (ROOT / path).exists() and not (page.parent / path).exists()
    ]
    assert not missing


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_says_what_never_lies_there(folder: str) -> None:
    """A newcomer reads in a folder's README what lives there, and what does not."""
    assert "Never here: " in (ROOT / folder / "README.md").read_text(encoding="utf-8")


def test_the_page_for_agents_is_short() -> None:
    """Who works here can be expected to read all of AGENTS.md."""
    assert len((ROOT / "AGENTS.md").read_text(encoding="utf-8").splitlines()) < 100


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
