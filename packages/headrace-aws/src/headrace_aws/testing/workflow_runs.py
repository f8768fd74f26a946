"""Run a real workflow file as GitHub would on an event: by act, on this machine, with stand-ins for what is not here."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headrace_aws.testing.stand_ins.turns import Turns

STAND_INS = Path(__file__).resolve().parent / "stand_ins"
BIN = Path(sys.executable).parent
# So that make uses the environment that runs this, in place of one of its own.
ENVIRONMENT = {"MAKEFLAGS": f"BIN={BIN} READY=", "PYTHON": sys.executable}
LIMIT_SECONDS = 900  # a machine may be busy
USES = re.compile(r"uses: (?P<action>[\w.-]+/(?P<name>[\w.-]+)@[0-9a-f]{40})")
SUCCESS = "success"


@dataclass(frozen=True)
class Event:
    """What started a run, with the token and the variables of the repository."""

    name: str
    payload: Mapping[str, Any]
    token: str
    variables: Mapping[str, str] = field(default_factory=dict)  # `vars` of the repository


@dataclass(frozen=True)
class Runner:
    """Where a run happens."""

    repository: Path  # a clone, with the commit checked out that the run is of
    environment: Mapping[str, str]  # of every step, beside what a runner has
    turns: Turns  # keeps the jobs of a concurrency group apart


@dataclass
class Run:
    """How a workflow's run ended."""

    store: Path
    status: int = -1  # of act: 0 when no job failed, also where all were skipped
    jobs: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    summary: str = ""

    @property
    def output(self) -> str:
        """What the run said, each line after its job."""
        return "\n".join(self.lines)

    def ended(self, job: str) -> str:
        """Return how a job ended: success, failure or skipped, of which act says nothing."""
        return self.jobs.get(job, "skipped")


def run(runner: Runner, workflow: str, event: Event, folder: Path) -> Run:
    """Run a workflow, by the name of its file, to its end; its files go into a new folder."""
    done = Run(folder / "store")
    done.store.mkdir(parents=True)
    (folder / "event.json").write_text(json.dumps(event.payload), encoding="utf-8")
    given = {
        **ENVIRONMENT,
        "STAND_INS": str(STAND_INS),
        "STAND_IN_REPOSITORY": str(runner.repository),
        "STAND_IN_STORE": str(done.store),
        "STAND_IN_TURNS": runner.turns.url,
        **runner.environment,
    }
    command = [
        *(str(BIN / "act"), event.name, "--workflows", f".github/workflows/{workflow}", "--json"),
        *("--platform", "ubuntu-24.04=-self-hosted", "--no-cache-server"),
        *("--eventpath", str(folder / "event.json"), "--action-cache-path", str(folder / "act")),
        *("--secret", f"GITHUB_TOKEN={event.token}"),
        *(part for name, value in given.items() for part in ("--env", f"{name}={value}")),
        *(part for name, value in event.variables.items() for part in ("--var", f"{name}={value}")),
        *(part for each in stand_in_actions(runner.repository) for part in ("--local-repository", each)),
    ]
    with subprocess.Popen(
        command,
        cwd=runner.repository,
        env=_bare_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        alarm = threading.Timer(LIMIT_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        alarm.start()
        assert process.stdout
        for line in process.stdout:
            _record_line(line, done, runner.turns)
        alarm.cancel()
    done.status = process.returncode
    summaries = sorted((folder / "act").glob("*/act/workflow/SUMMARY.md"))
    done.summary = "".join(each.read_text(encoding="utf-8") for each in summaries)
    return done


def stand_in_actions(repository: Path) -> list[str]:
    """Return, for each action that a workflow uses, the folder of its stand-in; act itself checks out."""
    files = sorted((repository / ".github").rglob("*.yml"))
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = {match["action"]: match["name"] for match in USES.finditer(text) if match["name"] != "checkout"}
    return [f"{action}={STAND_INS / 'actions' / name}" for action, name in sorted(found.items())]


def _bare_environment() -> dict[str, str]:
    """Return what act needs of this machine: no credentials, and for docker and skopeo their stand-ins."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": f"{STAND_INS}{os.pathsep}{os.environ['PATH']}"}


def _record_line(line: str, done: Run, turns: Turns) -> None:
    """Record a line of act, which may tell that a job has ended."""
    try:
        entry = json.loads(line)
    except ValueError:
        done.lines.append(line.rstrip())
        return
    job = entry.get("jobID", "")
    done.lines.append(f"{job}: {entry['msg'].rstrip()}")
    if result := entry.get("jobResult"):
        # A matrix has several jobs of one id: one that fails is what counts.
        done.jobs[job] = result if done.jobs.get(job, SUCCESS) == SUCCESS else done.jobs[job]
        turns.end(str(done.store), job)
