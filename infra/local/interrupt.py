"""Take the instances of a managed spot training job away: `python -m infra.local.interrupt JOB`.

The job is told by SIGTERM, ended by SIGKILL after the notice (two minutes on AWS, here the seconds of
HEADRACE_LOCAL_SPOT_NOTICE_SECONDS), and begins anew on other instances, with its checkpoints.
"""

import argparse
import json
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from headrace.errors import HeadraceError, LocalAwsError
from infra.local.lifecycle import HOME, running
from pipelines.environment import LOCAL
from pipelines.project import load_project

_SECONDS = 10
_OK = 200


def interrupt(endpoint: str, job: str) -> None:
    """Interrupt a training job of the local AWS; raise `LocalAwsError` that says why it cannot be."""
    region = load_project().environment(LOCAL).region
    connection = HTTPConnection("127.0.0.1", urlsplit(endpoint).port, timeout=_SECONDS)
    headers = {
        "Host": urlsplit(endpoint).netloc,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "SageMaker.InterruptTrainingJob",
        # The service and the region of the request; the local AWS checks no signature.
        "Authorization": f"AWS4-HMAC-SHA256 Credential=local/20260101/{region}/sagemaker/aws4_request",
    }
    connection.request("POST", "/", json.dumps({"TrainingJobName": job}), headers)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    if answer.status != _OK:
        raise LocalAwsError(_message(text))


def _message(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return str(found.get("message") or found.get("Message") or text)


def main(arguments: list[str] | None = None) -> int:
    """Do what the arguments say; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.interrupt", description=__doc__)
    parser.add_argument("job", help="the name of the training job")
    parser.add_argument("--home", type=Path, default=HOME, help="the local AWS's folder")
    given = parser.parse_args(arguments)
    try:
        server = running(given.home)
        if server is None:
            raise LocalAwsError("the local AWS does not run; `make up` starts it")
        interrupt(server.endpoint, given.job)
    except HeadraceError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the command's answer
        return 1
    print(f"{given.job} is being interrupted")  # noqa: T201 - the command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main())
