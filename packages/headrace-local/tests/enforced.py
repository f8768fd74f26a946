"""A local AWS that enforces IAM, and roles on it."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

import boto3
from botocore.config import Config

from headrace_local.testing import LocalAws

ACCOUNT, REGION = "000000000000", "eu-central-1"
USER = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
_numbers = count(1)


@dataclass(frozen=True)
class Enforced:
    """A local AWS that enforces IAM: clients of the administrator, and of roles."""

    aws: LocalAws

    def client(self, service: str) -> Any:
        """Return a client of the administrator."""
        return self._client(service, "local", "local")

    def role(self, *statements: dict[str, Any], trust: dict[str, Any] | None = None, **others: Any) -> str:
        """Return the ARN of a new role that may do this; the administrator may assume it unless `trust` says else."""
        iam, name = self.client("iam"), f"role-{next(_numbers)}"
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust or USER), **others)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return str(made["Role"]["Arn"])

    def acting(self, service: str, role: str, **session: Any) -> Any:
        """Return a client that has assumed a role."""
        sts = self.client("sts")
        keys = sts.assume_role(RoleArn=role, RoleSessionName="tests", **session)["Credentials"]
        return self._client(service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def _client(self, service: str, key: str, secret: str, token: str | None = None) -> Any:
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        # One session for all: it keeps the models of the services that it has read.
        session: Any = _session()
        return session.client(
            service,
            endpoint_url=self.aws.endpoint,
            config=config,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
        )


@cache
def _session() -> boto3.Session:
    return boto3.Session(region_name=REGION)


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy's document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str] = "*", **condition: Any) -> dict[str, Any]:
    """Return a statement that allows; a condition is `StringLike={...}`."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def session_arn(role: str, session: str = "tests") -> str:
    """Return the ARN of a session of a role."""
    return f"arn:aws:sts::{role.split(':')[4]}:assumed-role/{role.rpartition('/')[2]}/{session}"
