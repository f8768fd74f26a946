"""What aws-actions/configure-aws-credentials does, against the local AWS: a token for a role, in the job's environment.

The token is not signed: the local AWS knows nobody's keys. Its claims are those of `claims.py`.
"""

import json
import os
import sys
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from claims import NoTokenError, claims, job_event, job_variables

SESSION = "GitHubActions"


def main() -> int:
    """Write the credentials into the environment of the steps that follow; return the exit status."""
    variables, region, role = job_variables(), os.environ["REGION"], os.environ["ROLE"]
    allowed = [account.strip() for account in os.environ["ALLOWED_ACCOUNTS"].split(",") if account.strip()]
    sts = boto3.client(
        "sts",
        region_name=region,
        endpoint_url=os.environ["LOCAL_AWS"],
        config=Config(signature_version=UNSIGNED, proxies={}),
    )
    try:
        payload = claims(Path(os.environ["STAND_IN_REPOSITORY"]), job_event(), variables, int(time.time()))
        answer = sts.assume_role_with_web_identity(
            RoleArn=role,
            RoleSessionName=SESSION,
            WebIdentityToken=token(payload),
            DurationSeconds=int(os.environ["DURATION_SECONDS"]),
        )
    except (NoTokenError, ClientError) as error:
        sys.stderr.write(f"Error: Could not assume role with OIDC: {error}\n")
        return 1
    account = answer["AssumedRoleUser"]["Arn"].split(":")[4]
    if allowed and account not in allowed:
        sys.stderr.write(
            f"Error: the account {account} is not in allowed-account-ids ({', '.join(allowed)})\n"
        )
        return 1
    keys = answer["Credentials"]
    given = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": os.environ["LOCAL_AWS"],  # all that makes the local AWS of it
    }
    with Path(variables["GITHUB_ENV"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in given.items())
    return 0


def token(payload: dict[str, object]) -> str:
    """Return a JWT with these claims, and no signature."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none", "typ": "JWT"}, payload))
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


if __name__ == "__main__":
    sys.exit(main())
