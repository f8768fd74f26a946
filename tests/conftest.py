"""What all tests share: one local AWS, a real server process on a free port."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from infra.local.lifecycle import Server, start, stop
from pipelines.project import LOCAL, load_project


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
