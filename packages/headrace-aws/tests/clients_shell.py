"""What people hold in their hands: the AWS command line and the SageMaker SDK, against the local AWS of a fork.

Both live in the notebooks' environment, and are given what `make up` prints, and nothing else.
"""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headrace_aws.config.root import project_root
from headrace_aws.testing.forks import Fork

ROOT = project_root()

PROGRAMS = ROOT / ".venv-notebooks" / "bin"
SCRIPTS = Path(__file__).parent / "clients" / "scripts"
ACCOUNT, REGION = "000000000000", "eu-central-1"


@dataclass(frozen=True)
class Shell:
    """A shell that has taken the lines of `make up`; `also` are variables of its own."""

    fork: Fork
    variables: Mapping[str, str]
    also: Mapping[str, str] = field(default_factory=dict)

    def aws(self, *command: str) -> str:
        """Return what the AWS command line prints; it must succeed."""
        done = self.ran("aws", *command)
        assert done.returncode == 0, f"aws {' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def shown(self, *command: str) -> Any:
        """Return what it prints, read as JSON."""
        return json.loads(self.aws(*command, "--output", "json") or "null")

    def refused(self, *command: str) -> str:
        """Return the error of a command that must fail."""
        done = self.ran("aws", *command)
        assert done.returncode != 0, f"aws {' '.join(command)}\n{done.stdout}"
        return done.stderr

    def script(self, name: str, *arguments: str) -> str:
        """Return what a script of the SageMaker SDK prints, its log too; it must succeed."""
        done = self.ran("python", str(SCRIPTS / name), *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def ran(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the notebooks' environment to its end."""
        return subprocess.run(
            [PROGRAMS / program, *arguments],
            env={**self.variables, **self.also},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def eventually(self, wanted: Callable[[Any], object], *command: str, seconds: float = 60) -> Any:
        """Ask until the answer is as wanted, and return it."""
        deadline = time.monotonic() + seconds
        while not wanted(answer := self.shown(*command)):
            assert time.monotonic() < deadline, f"aws {' '.join(command)} still shows {answer}"
            time.sleep(0.2)
        return answer


def ended(answer: Mapping[str, Any]) -> bool:
    """Tell whether a described execution has ended."""
    return answer["status"] != "RUNNING"


def machine_arn(name: str) -> str:
    """Return the ARN of a state machine."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def role(shell: Shell, name: str, service: str, *statements: dict[str, Any]) -> str:
    """Make a role for a service, by the command line; return its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    made = shell.shown(
        *("iam", "create-role", "--role-name", name, "--assume-role-policy-document", policy(trust))
    )
    if statements:
        shell.aws(
            *("iam", "put-role-policy", "--role-name", name, "--policy-name", "own"),
            *("--policy-document", policy(*statements)),
        )
    return str(made["Role"]["Arn"])


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy's document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
