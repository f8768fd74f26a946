"""The environment of the server: without the AWS settings of the user who starts it."""

import os
from collections.abc import Mapping


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
