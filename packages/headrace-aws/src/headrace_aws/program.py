"""The program `headrace`: Ctrl-C is no traceback while its modules are imported either, before `main` can catch it."""

import os
import signal


def main() -> int:
    """Run the command line, and return its exit status."""
    is_default = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_default:  # and not ignored, as in the background of a script
        signal.signal(signal.SIGINT, _end)
    from headrace_aws.__main__ import main as command  # noqa: PLC0415 - see above

    if is_default:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return command()


def _end(_signal: int, _frame: object) -> None:
    os.write(2, b"\ninterrupted\n")
    os._exit(130)
