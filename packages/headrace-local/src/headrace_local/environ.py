"""The environment of the server: without the AWS settings of the user who starts it."""

import os
from collections.abc import Mapping

from headrace_local.errors import LocalAwsError

# How long the jobs of the local AWS are waited for.
STOP_GRACE = "HEADRACE_LOCAL_STOP_GRACE_SECONDS"
SPOT_NOTICE = "HEADRACE_LOCAL_SPOT_NOTICE_SECONDS"
SPOT_WAIT = "HEADRACE_LOCAL_SPOT_WAIT_SECONDS"
INTERRUPT_AFTER = "HEADRACE_LOCAL_INTERRUPT_AFTER_SECONDS"
_LONGEST_SECONDS = 86_400


def seconds(name: str, default: float) -> float:
    """Return the seconds that a variable has, or the default; raise `LocalAwsError` for what is no such number."""
    text = os.environ.get(name) or str(default)
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found <= _LONGEST_SECONDS:
        raise LocalAwsError(f"{name} is {text!r}; it has to be seconds, 0 to {_LONGEST_SECONDS}, or not set")
    return found


def check_seconds() -> None:
    """Raise `LocalAwsError` for a variable that is no number, before a job meets it."""
    for name in (STOP_GRACE, SPOT_NOTICE, SPOT_WAIT, INTERRUPT_AFTER):
        seconds(name, 0)


def remove_user_settings(region: str) -> None:
    """Remove every AWS setting of the user from this process: the server calls nobody but itself.

    To be called before moto is imported: parts of it look at the configuration when they are.
    """
    environment = without_user_settings(os.environ, region)
    os.environ.clear()
    os.environ.update(environment)


def without_user_settings(environment: Mapping[str, str], region: str) -> dict[str, str]:
    """Return an environment in which no credential, profile or proxy of the user is left."""
    kept = {name: value for name, value in environment.items() if not name.startswith(("AWS_", "MOTO_"))}
    return kept | {
        # Words that botocore wants; the local AWS checks no signature.
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        # Empty files, in place of those in the home folder.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": region,
        # No page may read what the server answers (moto/moto_server/werkzeug_app.py:407); see `request_guard`.
        "MOTO_DISABLE_GLOBAL_CORS": "true",
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
    }
