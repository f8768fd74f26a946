"""The command line: its commands, their help, and how it ends."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headrace_aws.__main__ import VERBS, main
from headrace_aws.config.root import FILE, project_root

NAMES = [name for verbs in VERBS.values() for name in verbs]
HEAVY = ("boto3", "botocore", "pydantic", "headrace_local", "polars")


@pytest.fixture(autouse=True)
def _own_search_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command change the search path of modules for one test only."""
    monkeypatch.setattr(sys, "path", [*sys.path])


def ended(
    *arguments: str, cwd: Path | None = None, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd or project_root(),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_a_help_that_names_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A row of the table without its function, or with the name of another command, is found here."""
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: headrace {name} ")


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """It is asked for with status 0; without a command it is shown all the same, as wrong use."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines() if line.startswith("  ")] == NAMES
    assert main([]) == 2
    assert capsys.readouterr().out == shown


@pytest.mark.parametrize(
    ("given", "hint"), [("deplyo", "did you mean deploy?"), ("xyzzy", "`headrace --help` lists them")]
)
def test_an_unknown_command_is_reported(given: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is close to a command is taken for a slip of the hand."""
    assert main([given]) == 2
    assert capsys.readouterr().err == f"error: there is no command {given!r}; {hint}\n"


def test_outside_of_a_project_only_help_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command needs a project.toml, and says where it looked; its help is the same everywhere."""
    monkeypatch.chdir(tmp_path)
    assert main(["runs"]) == 2
    message = f"error: neither {tmp_path} nor a folder above it has a project.toml; run in a checkout that has one\n"
    assert capsys.readouterr().err == message
    assert main(["runs", "--help"]) == 0


def test_wrong_options_are_the_status_of_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the command."""
    assert main(["runs", "--limit", "-1"]) == 2
    assert "headrace runs: error: argument --limit: '-1' is not how many to list" in capsys.readouterr().err


def test_help_imports_nothing_that_takes_time() -> None:
    """No client of AWS, nor what reads project.toml, is imported before a command needs it."""
    program = f"import sys; from headrace_aws.__main__ import main; main(['--help']); sys.exit(str([m for m in {HEAVY} if m in sys.modules]))"
    assert ended("-c", program).stderr == "[]\n"


@pytest.mark.parametrize("arguments", [["--help"], ["runs", "--help"]])
def test_a_reader_may_have_enough(arguments: list[str]) -> None:
    """A closed pipe is no error, and no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    process = ended("-m", "headrace_aws", *arguments, stdout=writing)
    os.close(writing)
    assert (process.returncode, process.stderr) == (0, "")


def test_an_interrupted_command_says_so(tmp_path: Path) -> None:
    """Ctrl-C is no traceback. In a folder with a space, where loading the pipelines takes just too long."""
    root = tmp_path / "my project"
    (root / "pipelines").mkdir(parents=True)
    shutil.copy(project_root() / FILE, root)
    (root / "pipelines" / "__init__.py").write_text("raise KeyboardInterrupt")
    process = ended("-m", "headrace_aws", "check", cwd=root)
    assert (process.returncode, process.stderr) == (130, "\ninterrupted\n")


def test_a_command_of_another_checkout_says_so(tmp_path: Path) -> None:
    """Whoever has activated the environment of one clone, and works in another, is told which code runs."""
    shutil.copy(project_root() / FILE, tmp_path)
    arguments = ("-c", "from headrace_aws.__main__ import main; main(['schema'])")
    assert ended(*arguments, cwd=tmp_path).stderr == ""
    (tmp_path / "packages" / "headrace-aws").mkdir(parents=True)
    warning = ended(*arguments, cwd=tmp_path).stderr
    assert warning.startswith("warning: this command is that of ")
    assert warning.endswith(f"run .venv/bin/headrace in {tmp_path}, or make\n")


def test_what_a_shell_has_in_pythonpath_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules of another project, of the names of ours and of libraries, are not imported."""
    names = (
        "yaml",
        "boto3",
        "botocore",
        "pydantic",
        "jinja2",
        "rich",
        "numpy",
        "polars",
        "statelint",
        "tomllib",
        "json",
    )
    for name in (*names, "headrace", "headrace_local", "flights", "pipelines"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('of another project')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}")
    process = ended("-c", "from headrace_aws.__main__ import main; main(['check']) or main(['schema'])")
    assert process.stderr == ""
    assert json.loads(process.stdout[process.stdout.index("{") :])["properties"]


def test_a_closed_stream_is_no_error() -> None:
    """As by `>&-` of a shell."""
    code = "import sys; sys.stdout = sys.stderr = None; from headrace_aws.__main__ import main; sys.exit(main(['--help']))"
    assert ended("-c", code).returncode == 0


def test_ctrl_c_is_no_traceback_while_modules_are_imported() -> None:
    """Nor is there anything yet that could catch it."""
    code = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Finder:
    def find_spec(name, path=None, target=None):
        if name == "headrace_aws.__main__":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder)
from headrace_aws.program import main
main()
"""
    process = ended("-c", code)
    assert (process.returncode, process.stderr) == (130, "\ninterrupted\n")


@pytest.mark.parametrize("package", ["headrace", "headrace_local"])
def test_a_package_that_is_missing_is_reported_in_one_line(package: str) -> None:
    """Whoever removed a folder of packages/ reads how it comes back, and no traceback."""
    code = f"""
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "{package}" else found(name)
from headrace_aws.__main__ import main
sys.exit(main(["runs"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: the package {package.replace('_', '-')} is not installed; bring")
    assert done.stderr.count("\n") == 1
