"""What the template's pages count, list and promise is so: each row has a page's words, with the fact in its place."""

import re
from pathlib import Path

import pytest

from headrace_aws.asl.render import pipeline_names, rendered
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root

ROOT = project_root()
PROJECT = load_project()
MODEL = next(iter(PROJECT.models))
DEFINITIONS = rendered(PROJECT)
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_RECORDED = re.compile(r'"status": \{\s*"S": "(\w+)"')


def source(file: str) -> str:
    """Return the text of a file."""
    return (ROOT / file).read_text(encoding="utf-8")


def one(pattern: str, file: str) -> tuple[str, ...]:
    """Return what the groups of a pattern are in a file."""
    found = re.search(pattern, source(file), re.MULTILINE)
    assert found, f"{file} has no {pattern}"
    return found.groups()


def longest(*patterns: str) -> int:
    """Return how many lines the longest of some modules has."""
    files = [file for pattern in patterns for file in ROOT.glob(pattern)]
    return max(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def length(folder: str) -> int:
    """Return how many lines the modules of a folder have, to the nearest ten."""
    return round(sum(len(source(str(file)).splitlines()) for file in (ROOT / folder).glob("*.py")), -1)


OLDEST, NEWEST = one(r'\["(3\.11\.\d+)", "3\.11", .*"(3\.\d+)"\]', ".github/workflows/ci.yml")
CHECKS = NUMBERS[len(one(r"^check: ([a-z -]+) ##", "Makefile")[0].split())]
ENDPOINTS = NUMBERS[source("infra/stacks/network.yaml").count("VpcEndpointType: Interface")]
GATE = PROJECT.model(MODEL).gate
RULES = 1 + len(GATE.floor) + len(GATE.slice_floor)  # the first is that of chance
STACKS = NUMBERS[
    len({"data", "pipelines", "automation"} & {file.stem for file in ROOT.glob("infra/stacks/*.yaml")})
]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("README.md", f"You need Python {OLDEST} or newer (tested on 3.11 to {NEWEST})"),
        ("docs/production.md", f"- Python {OLDEST} or newer"),
        ("packages/headrace-local/README.md", f"(Python {OLDEST} or newer;"),
        (".github/workflows/README.md", f"on each Python, the oldest one ({OLDEST}) too"),
        ("Makefile", f"Python {OLDEST} or newer is needed"),
        ("Makefile", f"Run every check: the next {CHECKS}."),
        ("README.md", f"deploys {STACKS} stacks"),
        ("README.md", f"The model passes all {RULES} rules of the gate."),
        ("README.md", f"{length('src/flights')} lines in the example"),
        ("docs/production.md", f"Its {ENDPOINTS} interface endpoints"),
        (".github/workflows/README.md", "| push to main; each night | all of it,"),
        *(("docs/pipelines.md", f"| [{name}](pipelines/{name}.svg) |") for name in pipeline_names()),
    ],
)
def test_the_pages_say_what_is(page: str, words: str) -> None:
    """A version, a count or a list on a page is that of the code."""
    assert words in " ".join(source(page).split())


@pytest.mark.parametrize("name", [name for name in pipeline_names() if name != "bookkeeping"])
def test_a_pipeline_ends_as_its_row_says(name: str) -> None:
    """The statuses of docs/pipelines.md are those that the definition records, and failed, which any may end as."""
    [listed] = one(rf"^\| \[{name}\]\(.*\) \| .* \| ([a-z, ]+) \|$", "docs/pipelines.md")
    recorded = set(_RECORDED.findall(DEFINITIONS[f"{MODEL}-{name}.asl.json"]))
    assert {*listed.split(", "), "failed"} == recorded


@pytest.mark.parametrize(
    ("limit", "patterns"),
    [
        (199, ["pipelines/*.py"]),  # "stays under 200 lines"
        (280, ["src/**/*.py", "packages/*/src/**/*.py"]),  # "up to about 250 lines"
    ],
)
def test_modules_are_as_short_as_the_rules_say(limit: int, patterns: list[str]) -> None:
    """AGENTS.md and pipelines/README.md say how long a module may be."""
    assert longest(*patterns) <= limit


def test_a_packages_readme_and_its_metadata_ask_for_one_python() -> None:
    """Whoever installs a package alone is asked for the Python that the template asks for."""
    for file in Path(ROOT).glob("packages/*/pyproject.toml"):
        assert one(r'^requires-python = ">=(.*)"$', str(file)) == (OLDEST,)
