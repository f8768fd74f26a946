"""A team's fork on GitHub, with an account for dev and one for prod in its local AWS, which enforces IAM."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import boto3

from headrace_aws.config.root import project_root
from headrace_aws.testing.forks import HEADRACE, PROJECT, UP, copy_template
from headrace_aws.testing.repository import (
    NAME,
    OWNER_ID,
    REPOSITORY_ID,
    add_workflows,
    commit,
    init,
    link_environment,
    pull_request,
    push,
)
from headrace_aws.testing.stand_ins.github_api import READS, WRITES, GitHubApi, github_api
from headrace_aws.testing.stand_ins.turns import Turns, concurrency
from headrace_aws.testing.workflow_runs import ENVIRONMENT, STAND_INS, Event, Run, Runner, run
from headrace_local.lifecycle import running

ACCOUNTS = {"dev": "333333333333", "prod": "444444444444"}
REGION = "eu-central-1"
ADMINISTRATOR = "OrganizationAccountAccessRole"  # which AWS makes in each account of an organisation
OWNER = NAME.partition("/")[0]

ENVIRONMENTS = f"""
[github]
subject = "repo:{OWNER}@{OWNER_ID}/fork@{REPOSITORY_ID}"
repository_id = "{REPOSITORY_ID}"

[environments.dev]
account = "{ACCOUNTS['dev']}"
region = "{REGION}"
approval = "auto"

[environments.prod]
account = "{ACCOUNTS['prod']}"
region = "{REGION}"
after = "dev"
approval = "manual"
"""


@dataclass
class Team:
    """A clone of the team's repository, GitHub, and the two accounts."""

    root: Path
    folder: Path
    api: GitHubApi
    turns: Turns
    endpoint: str = ""
    numbers: "count[int]" = field(default_factory=count)

    def make(self, target: str, **knobs: str) -> str:
        """Run a target as the administrator of the account of ENV, and return what it says."""
        done = subprocess.run(
            ["make", "--silent", target, *(f"{name}={value}" for name, value in knobs.items())],
            cwd=self.root,
            env=self.environment | self.administrator(knobs.get("ENV", "")),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def push(self, workflow: str = "deploy.yml", branch: str = "main", **variables: str) -> Run:
        """Run what a push of the commit that is checked out starts."""
        return self.run(workflow, Event("push", push(self.root, branch), WRITES, variables))

    def pull_request(self, workflow: str, number: int, action: str = "synchronize", **given: Any) -> Run:
        """Run what an event of a pull request starts; a fork's token only reads."""
        payload = pull_request(self.root, number, action, **given)
        self.api.pulls.setdefault(number, {}).update(payload["pull_request"])
        return self.run(workflow, Event("pull_request", payload, READS if "of" in given else WRITES))

    def schedule(self, workflow: str) -> Run:
        """Run what a schedule starts."""
        return self.run(workflow, Event("schedule", push(self.root), WRITES))

    def run(self, workflow: str, event: Event, repository: Path | None = None) -> Run:
        """Run a workflow in the clone of the team, or in another."""
        folder = self.folder / f"run-{next(self.numbers)}"
        environment = {"LOCAL_AWS": self.endpoint, "GITHUB_API_URL": self.api.url}
        return run(Runner(repository or self.root, environment, self.turns), workflow, event, folder)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text in a file of the clone."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def commit(self, message: str) -> str:
        """Commit what was edited; return the commit."""
        return commit(self.root, message)

    def deployments(self, environment: str) -> list[dict[str, Any]]:
        """Return the records of what was deployed, the oldest first."""
        found = self.objects(environment, "deployments/toy/")
        return [json.loads(found[key]) for key in sorted(found)]

    def objects(self, environment: str, prefix: str) -> dict[str, bytes]:
        """Return the objects of the artefact bucket of an account, by their keys."""
        s3, bucket = self.client("s3", environment), f"fork-artefacts-{ACCOUNTS[environment]}-{REGION}"
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}

    def client(self, service: str, environment: str) -> Any:
        """Return a client of the administrator of an account."""
        keys = {name.lower(): value for name, value in self.administrator(environment).items()}
        session: Any = boto3.Session(
            keys["aws_access_key_id"], keys["aws_secret_access_key"], keys["aws_session_token"], REGION
        )
        return session.client(service, endpoint_url=self.endpoint)

    def administrator(self, environment: str) -> dict[str, str]:
        """Return the variables with which a command acts as the administrator of an account; none elsewhere."""
        if environment not in ACCOUNTS:
            return {}
        session: Any = boto3.Session("local", "local", region_name=REGION)
        keys = session.client("sts", endpoint_url=self.endpoint).assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNTS[environment]}:role/{ADMINISTRATOR}", RoleSessionName="ada"
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": REGION,
        }

    @property
    def environment(self) -> dict[str, str]:
        """The fork's own code, none of the caller's credentials, and the stand-ins of docker and skopeo."""
        dropped = ("AWS_", "GITHUB_", "PYTHON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return kept | {
            "PATH": f"{STAND_INS}{os.pathsep}{os.environ['PATH']}",
            **ENVIRONMENT,
        }


@contextmanager
def deployed_team(folder: Path) -> Iterator[Team]:
    """Run a team whose accounts are bootstrapped, with a first release in dev, on raw data."""
    root = folder / "fork"
    root.mkdir()
    copy_template(root)
    for name in ("Makefile", "Dockerfile", ".dockerignore", ".gitignore", "pyproject.toml"):
        shutil.copy(project_root() / name, root / name)
    add_workflows(root)
    link_environment(root)
    project = PROJECT.format(approval="auto", automation="false") + ENVIRONMENTS
    (root / "project.toml").write_text(project, encoding="utf-8")
    init(root)
    commit(root, "Begin with the template")
    with running_team(folder) as team:
        for environment in ACCOUNTS:
            team.make("bootstrap", ENV=environment)
        team.make("release")
        team.make("deploy", ENV="dev", RELEASE="dist/release")
        team.make("data", ENV="dev")
        yield team


@contextmanager
def copied_team(at_rest: Path, folder: Path) -> Iterator[Team]:
    """A copy of the team in a folder: its repository and the content of its accounts, and a GitHub of its own."""
    shutil.copytree(at_rest / "fork", folder / "fork", symlinks=True)
    with running_team(folder) as copy:
        yield copy


@contextmanager
def running_team(folder: Path) -> Iterator[Team]:
    """The team in a folder, whose GitHub and local AWS are up, and at rest afterwards."""
    with github_api(NAME) as api, concurrency() as turns:
        team = Team(folder / "fork", folder, api, turns)
        try:
            _command(team, *UP)
            server = running(team.root / ".local")
            assert server
            team.endpoint = server.endpoint
            yield team
        finally:
            _command(team, "local", "down")


def _command(team: Team, *arguments: str) -> None:
    subprocess.run(
        [HEADRACE, *arguments],
        cwd=team.root,
        env=team.environment,
        capture_output=True,
        check=True,
        timeout=600,
    )
