"""Interrupt a managed spot training job, as `headrace-local interrupt JOB` does.

The job is told by SIGTERM, ended by SIGKILL after the notice (two minutes on AWS, here the seconds of
HEADRACE_LOCAL_SPOT_NOTICE_SECONDS), and begins anew on other instances, with its checkpoints.
"""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from headrace_local import strict_json
from headrace_local.errors import LocalAwsError

_SECONDS = 10
_OK = 200


def interrupt(endpoint: str, region: str, job: str) -> None:
    """Interrupt a training job of the local AWS; raise `LocalAwsError` that says why it cannot be."""
    connection = HTTPConnection("127.0.0.1", urlsplit(endpoint).port, timeout=_SECONDS)
    headers = {
        "Host": urlsplit(endpoint).netloc,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "SageMaker.InterruptTrainingJob",
        # The service and the region of the request; the local AWS checks no signature.
        "Authorization": f"AWS4-HMAC-SHA256 Credential=local/20260101/{region}/sagemaker/aws4_request",
    }
    connection.request("POST", "/", strict_json.dumps({"TrainingJobName": job}), headers)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    if answer.status != _OK:
        raise LocalAwsError(f"{job!r}: {_message(text)}; `headrace-local logs` lists the jobs")


def _message(text: str) -> str:
    try:
        found = strict_json.loads(text)
    except ValueError:
        return text
    return str(found.get("message") or found.get("Message") or text)
