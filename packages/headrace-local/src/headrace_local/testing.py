"""A local AWS for the tests of a project: a real server process on a free port.

@pytest.fixture(scope="session")
def local_aws(tmp_path_factory):
    with served(tmp_path_factory.mktemp("local-aws"), Settings(images=(Image("shop"),))) as local_aws:
        yield local_aws
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from headrace_local.lifecycle import Server, start, stop
from headrace_local.settings import Settings


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS, and clients that talk to it and to nothing else."""

    server: Server
    region: str = "us-east-1"
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def endpoint(self) -> str:
        """The address of the API."""
        return self.server.endpoint

    @property
    def home(self) -> Path:
        """The folder of the server."""
        return self.server.home

    def client(
        self, service: str, account: str | None = None
    ) -> Any:  # noqa: ANN401 - boto3 makes each class while running
        """Return a client in the default account, or in `account` by the way of sts:AssumeRole.

        Clients are shared: a handler registered on the events of one stays there. `new_client` returns a client of its own.
        """
        key = (service, account or "")
        if key not in self._clients:
            self._clients[key] = self.new_client(service, account)
        return self._clients[key]

    def new_client(self, service: str, account: str | None = None) -> Any:  # noqa: ANN401 - see client
        """Return a new client, which is not shared."""
        session: Any = self._session(account) if account else self._default_session
        # No retry: a test that makes the server answer 500 shall hear of it at once.
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        return session.client(service, endpoint_url=self.endpoint, config=config)

    @cached_property
    def _default_session(self) -> boto3.Session:
        return boto3.Session("local", "local", region_name=self.region)

    def _session(self, account: str) -> boto3.Session:
        role = f"arn:aws:iam::{account}:role/tests"
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
        return boto3.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=self.region
        )


@contextmanager
def served(home: Path, settings: Settings) -> Iterator[LocalAws]:
    """Start a local AWS in a folder, and stop it at the end."""
    yield LocalAws(start(home, settings), settings.region)
    stop(home)
