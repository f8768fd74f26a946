"""The Makefile hands on what it is given, and runs none of it; what the shell holds for other programs it leaves alone."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from headrace_aws.config.root import project_root

ROOT = project_root()

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LISTED = re.search(r"^KNOBS := (.*)", MAKEFILE.replace("\\\n", ""), re.MULTILINE)
assert LISTED
KNOBS = LISTED[1].split()
TARGETS = sorted(set(re.findall(r"^([a-z-]+):.* ## ", MAKEFILE, re.MULTILINE)))
# Prints what a command of a recipe gets: its arguments, and the environment.
RECORDER = f"""#!{sys.executable} -E
import json, os, sys
print(json.dumps([sys.argv[1:], dict(os.environ)]))
"""


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of programs in place of those of the environment."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("headrace", "python"):
        (folder / name).write_text(RECORDER, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def make(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run make in an environment that holds nothing else."""
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def received(recorder: Path, *arguments: str, **environment: str) -> tuple[list[str], dict[str, str]]:
    """Return arguments and environment of the one command of a target."""
    done = make(f"BIN={recorder}", "READY=", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    words, variables = json.loads(done.stdout)
    return words, variables


@pytest.mark.parametrize(
    "text",
    [
        "costs $5",
        "$$",
        "$(shell touch ran)",
        "$(shell touch ran)$(error no)${REASON}",
        "$(REASON)",
        "`touch ran`",
        "$$(touch ran)",
        "'; touch ran; '",
        '"; touch ran; "',
        "two\nlines\n\ttouch ran",
        "a # no comment",
        "50 % of %s",
        "back\\slash\\",
        "at the end ",
        "-5 points",
        "--env=prod",
        "a=b, (c), {d}",
        "é ☃ 日本",
        "*",
        "@+-",
    ],
)
def test_what_is_given_arrives_as_it_is(text: str, recorder: Path) -> None:
    """Neither make nor the shell expands a knob's text; nothing of it is run, or lost."""
    words, _ = received(recorder, "reject", f"REASON={text}")
    assert words == ["reject", f"--reason={text}"]
    assert not (ROOT / "ran").exists()


def test_no_text_of_a_knob_is_run(tmp_path: Path) -> None:
    """Whatever target and knob, also one that no target knows: make expands nothing of it."""
    given = [f"{knob}=$(shell touch {tmp_path / knob})" for knob in [*KNOBS, "PYTHON", "OTHER"]]
    done = make("--dry-run", "READY=", *given, *TARGETS)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_variable_of_the_shell_is_no_knob(recorder: Path) -> None:
    """NAME, STATUS, ENV and their like are other programs'. What a target would read of them is named, and not taken."""
    targets = (
        "runs",
        "destroy",
        "run",
        "deploy",
        "up",
        "release",
        "plan",
        "lineage",
        "test",
        "lock",
        "logs",
        "data",
    )
    recorded = ("--silent", f"BIN={recorder}", "READY=", *targets)
    plain, full = make(*recorded), make(*recorded, **dict.fromkeys(KNOBS, "1"))
    words = [[json.loads(line)[0] for line in done.stdout.splitlines()] for done in (plain, full)]
    assert words[0] == words[1]
    assert len(words[0]) == len(targets)
    assert plain.stderr == ""
    for knob in (
        "STATUS",
        "CONFIRM",
        "PIPELINE",
        "ENV",
        "RELEASE",
        "IAM",
        "IMAGE",
        "TESTS",
        "ALL",
        "UPGRADE",
        "RUN",
    ):
        assert f"the shell's variable {knob} is not read; write it behind make: make " in full.stderr


@pytest.mark.parametrize(
    "name", ["BIN", "READY", "VENV", "PYTEST", "GIVEN", "WHERE", "PYTHON", "SYNC", "opt"]
)
def test_a_variable_of_the_shell_changes_no_recipe(name: str) -> None:
    """The Makefile's own variables are its own."""
    assert ".venv/bin/headrace run" in make("--dry-run", "run", **{name: "1"}).stdout


def test_the_shell_does_not_win_over_the_makefile() -> None:
    """`make -e` would let it, and is refused in one line."""
    refused = make("--dry-run", "run", MAKEFLAGS="e", READY="1")
    assert refused.returncode == 2
    assert "leave -e out" in refused.stderr
    assert refused.stderr.count("\n") == 1


WITHHELD = [
    *(
        "PIP_USER",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_REQUIRE_VIRTUALENV",
        "PIP_CONSTRAINT",
        "PIP_DRY_RUN",
    ),
    *("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_PROJECT_ENVIRONMENT"),
    *("UV_EXCLUDE_NEWER", "UV_NO_BINARY", "UV_REQUIRE_HASHES", "PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE"),
    *("PYTHONINSPECT", "PYTHONWARNINGS", "PYTHONSTARTUP", "PYTHONUSERBASE", "VIRTUAL_ENV", "CONDA_PREFIX"),
    *("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "MYPYPATH", "RUFF_CONFIG", "BLACK_CACHE_DIR"),
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"),
]
PASSED_ON = [
    *(
        "PIP_INDEX_URL",
        "PIP_CERT",
        "UV_DEFAULT_INDEX",
        "UV_INDEX_OURS_PASSWORD",
        "HTTPS_PROXY",
        "AWS_PROFILE",
        "HOME",
    ),
]


@pytest.fixture(scope="module")
def seen(recorder: Path) -> dict[str, str]:
    """What a command sees of a shell that holds all of these."""
    return received(recorder, "test", **dict.fromkeys([*WITHHELD, *PASSED_ON], "1"))[1]


@pytest.mark.parametrize("name", WITHHELD)
def test_the_shell_does_not_change_what_is_installed_or_run(name: str, seen: dict[str, str]) -> None:
    """No command of a recipe sees such a variable."""
    assert name not in seen


@pytest.mark.parametrize("name", PASSED_ON)
def test_the_shell_says_where_packages_come_from(name: str, seen: dict[str, str]) -> None:
    """An index, its password, a proxy and a certificate are the caller's, as are the credentials of AWS."""
    assert seen[name] == "1"


def test_several_paths_can_be_tested(recorder: Path) -> None:
    """TESTS holds one path or more, with a space between."""
    assert received(recorder, "test", "TESTS=tests/infra tests/flights")[0][-2:] == [
        "tests/infra",
        "tests/flights",
    ]


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ((3, 9, 18), "error: Python 3.11.4 or newer is needed"),
        ((3, 10, 14), "error: Python 3.11.4 or newer is needed"),
        ((3, 11, 0), "error: Python 3.11.4 or newer is needed"),
        ((3, 11, 2), "error: Python 3.11.4 or newer is needed"),  # Debian 12's: tarfile has no filter
        ((3, 11, 3), "error: Python 3.11.4 or newer is needed"),
        ((3, 11, 4), "Setting up"),
        ((3, 11, 9), "Setting up"),
        ((3, 12, 0), "Setting up"),
        ((3, 13, 1), "Setting up"),
        ((3, 15, 0), "Setting up"),
    ],
)
def test_a_python_that_is_too_old_is_refused_by_the_first_line(
    version: tuple[int, int, int], line: str, tmp_path: Path
) -> None:
    """Nothing is set up with it. The path of a Python may have a space."""
    python = tmp_path / "my python"
    code = f"import sys; sys.version_info = {version}; exec(sys.argv[-1]) if '-c' in sys.argv else sys.exit('Setting up')"
    python.write_text(f"#!{sys.executable}\n{code}\n", encoding="utf-8")
    python.chmod(0o755)
    done = make("--silent", "setup", f"VENV={tmp_path}/venv", f"PYTHON={python}")
    assert done.returncode == 2
    assert done.stderr.startswith(line)
    assert not (tmp_path / "venv").exists()


def test_the_packages_ask_for_the_python_that_make_asks_for() -> None:
    """Pip refuses what make refuses; the locks are resolved, and CI tests, from the same version on."""
    for file in [ROOT / "pyproject.toml", *ROOT.glob("packages/*/pyproject.toml")]:
        assert tomllib.loads(file.read_text(encoding="utf-8"))["project"]["requires-python"] == ">=3.11.4"
    assert 'OLDEST_PYTHON = "3.11.4"' in (ROOT / "requirements/lock.py").read_text(encoding="utf-8")
    assert '["3.11.4", ' in (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("ready", "python", "is_made_anew"),
    [
        ("{folder}\n", sys.executable, False),
        ("/another/folder\n", sys.executable, True),
        ("", sys.executable, True),
        ("{folder}\n", "/no/such/python", True),
    ],
)
def test_an_environment_that_cannot_be_this_checkouts_is_made_anew(
    ready: str, python: str, is_made_anew: bool, tmp_path: Path  # noqa: FBT001 - a row
) -> None:
    """One of a clone that was moved or copied, or whose Python was removed; what is told is what make would do."""
    (tmp_path / "Makefile").write_text(MAKEFILE, encoding="utf-8")
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "shell.mk", tmp_path / "requirements")
    for name in ("pyproject.toml", "requirements/uv.txt", "requirements/dev.txt"):
        (tmp_path / name).touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(python)
    (tmp_path / ".venv" / "ready").write_text(ready.format(folder=tmp_path), encoding="utf-8")
    done = make("--dry-run", "--directory", str(tmp_path), "status")
    assert ("requirements/environment.py .venv" in done.stdout) == is_made_anew


def test_every_target_is_in_the_help() -> None:
    """`make help` lists each public target, with what it does."""
    assert sorted(set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))) == TARGETS
