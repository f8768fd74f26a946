"""What all tests share: one local AWS, a real server process on a free port."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from xdist.scheduler import LoadGroupScheduling

from infra.local.lifecycle import Server, start, stop
from pipelines.environment import LOCAL
from pipelines.project import load_project

# Files whose tests share something that takes long to set up, and so one worker: a fork, or a server that enforces IAM.
GROUPS = {
    "tests/end_to_end/test_training.py": "training",
    "tests/end_to_end/test_permissions.py": "training",
    "tests/end_to_end/test_records.py": "training",
    "tests/end_to_end/test_smoke.py": "training",
    "tests/end_to_end/test_preview.py": "training",
    "tests/end_to_end/test_inference.py": "inference",
    "tests/end_to_end/test_rounds.py": "rounds",
    "tests/end_to_end/test_loop.py": "loop",
    "tests/infra/local/iam/test_assuming.py": "iam",
    "tests/infra/local/iam/test_modes.py": "iam",
    "tests/infra/local/iam/test_refusals.py": "iam",
    "tests/infra/local/iam/test_services.py": "iam",
    "tests/infra/local/iam/test_across_accounts.py": "iam",
    "tests/infra/local/iam/test_stack_actions.py": "iam",
    "tests/infra/local/iam/test_stacks.py": "iam",
    "tests/infra/local/iam/test_web_identity.py": "iam",
    "tests/infra/test_bootstrap_stack.py": "bootstrap",
    "tests/workflows/test_deploy.py": "workflows",
    "tests/workflows/test_operations.py": "workflows",
    "tests/workflows/test_preview.py": "workflows",
    "tests/workflows/test_pull_request.py": "workflows",
}


class Grouped(LoadGroupScheduling):
    """Hands out tests by these groups, the largest first.

    xdist 3.8 reads the marks `xdist_group` into `Item._nodeid`, which pytest 9.2 no longer has: it would split groups.
    """

    def _split_scope(self, nodeid: str) -> str:
        return GROUPS.get(nodeid.partition("::")[0], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Grouped | None:
    """Let `--dist loadgroup` group."""
    return Grouped(config, log) if config.getvalue("dist") == "loadgroup" else None


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS, and clients that talk to it and to nothing else."""

    server: Server

    @property
    def endpoint(self) -> str:
        return self.server.endpoint

    @property
    def home(self) -> Path:
        return self.server.home

    def client(self, service: str, account: str | None = None) -> Any:
        """Return a client in the default account, or in `account` by the way of sts:AssumeRole."""
        key = (service, account or "")
        if key not in self._clients:
            session: Any = self._session(account) if account else self._default_session
            # No retry: a test that makes the server answer 500 shall hear of it at once.
            config = Config(retries={"total_max_attempts": 1}, proxies={})
            self._clients[key] = session.client(service, endpoint_url=self.endpoint, config=config)
        return self._clients[key]

    @cached_property
    def _clients(self) -> dict[tuple[str, str], Any]:
        return {}

    @cached_property
    def _default_session(self) -> boto3.Session:
        return boto3.Session("local", "local", region_name=load_project().environment(LOCAL).region)

    def _session(self, account: str) -> boto3.Session:
        role = f"arn:aws:iam::{account}:role/tests"
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
        return boto3.Session(
            keys["AccessKeyId"],
            keys["SecretAccessKey"],
            keys["SessionToken"],
            self._default_session.region_name,
        )


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One server for the whole session; tests keep apart by the names that they give to things."""
    home = tmp_path_factory.mktemp("local-aws")
    yield LocalAws(start(home))
    stop(home)
