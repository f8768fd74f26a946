"""A role for who shows a token: the claims of GitHub's, and what STS says of a token that it does not take."""

import base64
import json
import time
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from enforced import Enforced, allow, policy

from headrace_local.iam.principals import ACCOUNT_ACCESS_ROLE
from headrace_local.iam.web_identity import keys_of

GITHUB = "token.actions.githubusercontent.com"
ACCOUNT = "333333333333"  # another than the server's own: the role's ARN alone leads there
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
REFUSED = "AccessDenied.*Not authorized to perform sts:AssumeRoleWithWebIdentity"
CLAIMS = {
    "iss": f"https://{GITHUB}",
    "aud": "sts.amazonaws.com",
    "sub": "repo:owner@1/project@2:environment:dev",
    "repository_id": "2",
    "environment": "dev",
    "job_workflow_ref": "owner/project/.github/workflows/deploy.yml@refs/heads/main",
    "ref": "refs/heads/main",
    "run_id": "77",
}
TRUST = {
    "Effect": "Allow",
    "Principal": {"Federated": PROVIDER},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:repository_id": "2",
            f"{GITHUB}:environment": "dev",
        }
    },
}


def token(**claims: Any) -> str:
    """Return a token that nobody signed, with GitHub's claims and these."""
    parts = {"alg": "RS256"}, {**CLAIMS, "exp": int(time.time()) + 300, **claims}
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.signature"


def client(endpoint: str, service: str, **keys: Any) -> Any:
    config = Config(
        proxies={}, retries={"total_max_attempts": 1}, **({} if keys else {"signature_version": UNSIGNED})
    )
    session: Any = boto3.Session(region_name="eu-central-1")
    return session.client(service, endpoint_url=endpoint, config=config, **keys)


def assumed(endpoint: str, role: str, shown: str) -> dict[str, Any]:
    answer = client(endpoint, "sts").assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="run-77", WebIdentityToken=shown
    )
    return dict(answer)


def acting(endpoint: str, service: str, answer: dict[str, Any]) -> Any:
    keys = answer["Credentials"]
    return client(
        endpoint,
        service,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


@pytest.fixture(scope="module")
def iam(enforced: Enforced) -> Any:
    """IAM in the other account, with GitHub as a provider."""
    there = enforced.acting("iam", f"arn:aws:iam::{ACCOUNT}:role/{ACCOUNT_ACCESS_ROLE}")
    there.create_open_id_connect_provider(Url=f"https://{GITHUB}", ClientIDList=["sts.amazonaws.com"])
    return there


def role(iam: Any, name: str, trust: dict[str, Any]) -> str:
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    return str(made["Role"]["Arn"])


def test_a_token_gives_a_session_of_the_role_in_its_account(enforced: Enforced, iam: Any) -> None:
    """The session is the role's: its name, its account, and no more than its policies allow."""
    arn = role(iam, "deploy", TRUST)
    iam.put_role_policy(RoleName="deploy", PolicyName="own", PolicyDocument=policy(allow("sqs:ListQueues")))
    answer = assumed(enforced.aws.endpoint, arn, token())
    assert answer["SubjectFromWebIdentityToken"] == CLAIMS["sub"]
    assert answer["Provider"] == PROVIDER
    identity = acting(enforced.aws.endpoint, "sts", answer).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-77"
    assert identity["Account"] == ACCOUNT
    sqs = acting(enforced.aws.endpoint, "sqs", answer)
    assert "QueueUrls" not in sqs.list_queues()
    with pytest.raises(ClientError, match="not authorized to perform: sqs:createqueue"):
        sqs.create_queue(QueueName="q")


@pytest.mark.parametrize(
    ("trust", "claims"),
    [
        (TRUST, {"repository_id": "3"}),
        (TRUST, {"environment": "prod"}),
        (TRUST, {"environment": None}),
        (TRUST | {"Principal": {"Federated": PROVIDER.replace(ACCOUNT, "444444444444")}}, {}),
        (TRUST | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, {}),
        (TRUST | {"Action": "sts:AssumeRole"}, {}),
        # A claim that STS makes no key of fulfils no condition.
        (TRUST | {"Condition": {"StringEquals": {f"{GITHUB}:run_id": "77"}}}, {}),
    ],
)
def test_who_is_not_trusted_is_refused(
    enforced: Enforced, iam: Any, trust: dict[str, Any], claims: dict[str, Any]
) -> None:
    """Another repository, another environment or none, another provider, another action."""
    arn = role(iam, f"refusing-{len(iam.list_roles()['Roles'])}", trust)
    with pytest.raises(ClientError, match=REFUSED) as caught:
        assumed(enforced.aws.endpoint, arn, token(**claims))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_session_is_no_longer_than_the_role_allows(enforced: Enforced, iam: Any) -> None:
    """An hour, unless the role says more."""
    arn = role(iam, "short", TRUST)
    asking = client(enforced.aws.endpoint, "sts")
    with pytest.raises(ClientError, match="exceeds the MaxSessionDuration set for this role"):
        asking.assume_role_with_web_identity(
            RoleArn=arn, RoleSessionName="run-77", WebIdentityToken=token(), DurationSeconds=7200
        )


@pytest.mark.usefixtures("iam")
def test_a_role_that_is_not_there_is_refused_alike(enforced: Enforced) -> None:
    """AWS does not tell the two apart."""
    with pytest.raises(ClientError, match=REFUSED):
        assumed(enforced.aws.endpoint, f"arn:aws:iam::{ACCOUNT}:role/nobody", token())


@pytest.mark.parametrize(
    ("claims", "code", "words"),
    [
        (
            {"exp": 1_700_000_000},
            "ExpiredTokenException",
            "must be before the expiration date/time 1700000000",
        ),
        ({"aud": "elsewhere"}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"iss": "https://elsewhere.example"}, "InvalidIdentityToken", "No OpenIDConnect provider found"),
        (None, "InvalidIdentityToken", "not a valid JWT"),
    ],
)
def test_a_token_that_is_not_valid_is_refused(
    local_aws: Any, claims: dict[str, Any] | None, code: str, words: str
) -> None:
    """Enforced or not: expired, for somebody else, of a stranger, no token."""
    iam = local_aws.client("iam", ACCOUNT)
    arn = trusting_github(iam)
    shown = "no-token-at-all" if claims is None else token(**claims)
    with pytest.raises(ClientError, match=words) as caught:
        assumed(local_aws.endpoint, arn, shown)
    assert caught.value.response["Error"]["Code"] == code


def trusting_github(iam: Any) -> str:
    """Return the ARN of a role in an account that has GitHub as a provider; both are made once."""
    if PROVIDER not in {
        each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    }:
        iam.create_open_id_connect_provider(Url=f"https://{GITHUB}", ClientIDList=["sts.amazonaws.com"])
        role(iam, "web-identity", TRUST)
    return f"arn:aws:iam::{ACCOUNT}:role/web-identity"


def test_without_enforcement_the_account_is_that_of_the_role(local_aws: Any) -> None:
    """A trust policy is not looked into then, and the session lies in the right account all the same."""
    arn = trusting_github(local_aws.client("iam", ACCOUNT))
    answer = assumed(local_aws.endpoint, arn, token(environment="prod"))
    identity = acting(local_aws.endpoint, "sts", answer).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web-identity/run-77"


def test_an_audience_may_be_a_list() -> None:
    """As the standard allows; each of them is a value of the key."""
    assert keys_of({**CLAIMS, "aud": ["a", "b"]})[f"{GITHUB}:aud"] == ("a", "b")
