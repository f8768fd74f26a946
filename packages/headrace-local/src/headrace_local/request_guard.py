"""Who may call the local AWS: programs of this machine, and no web page.

The server checks no credentials, and what it is told to run it runs. A browser is the one program of this machine that
executes what strangers wrote: its pages may send requests to the loopback, under a name of their own too (DNS rebinding).
"""

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]

_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_NOT_FOUND_ON_AWS = "/moto-api"  # resets the server, shows its content, changes its ways
_BY_THE_USER = "none"  # an address that a person typed, or a link of another program


def guarded(application: Application) -> Application:
    """Return the application behind a guard that answers 403, with the reason, to a request that is not allowed."""

    def guard(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reason = refusal(environ)
        if reason is None:
            return application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{reason}\n".encode()]

    return guard


def refusal(environ: dict[str, Any]) -> str | None:
    """Return why a request is not allowed, or None; no web page can send one that is."""
    host = environ.get("HTTP_HOST", "")
    if not _is_this_machine(host):
        return f"The local AWS answers to localhost only, not to {host!r}."
    # boto3 and the aws command send neither header; a browser does, and a page cannot hold it back.
    if "HTTP_ORIGIN" in environ or environ.get("HTTP_SEC_FETCH_SITE", _BY_THE_USER) != _BY_THE_USER:
        return "The local AWS does not answer web pages."
    if environ.get("PATH_INFO", "").startswith(_NOT_FOUND_ON_AWS):
        return "The local AWS has no moto-api; the command `reset` forgets its state."
    return None


def _is_this_machine(host: str) -> bool:
    name, separator, port = host.lower().rpartition(":")
    if not separator or not port.isdecimal():
        name = host.lower()
    return name in _HOSTS or name.endswith(".localhost")  # <bucket>.localhost is S3's virtual-hosted style
