"""The command line: `python -m infra.local up|down|status|logs|reset|serve`."""

import argparse
import importlib
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import TextIO

from headrace.errors import HeadraceError, LocalAwsError
from infra.local.caller import forget_the_caller
from infra.local.files import jobs_folder, log_file, state_file
from infra.local.lifecycle import HOME, Server, enforces_iam, is_outdated, log_tail, running, start, stop
from infra.local.record import IamMode, is_claimed, was_killed
from pipelines.environment import LOCAL
from pipelines.project import load_project

_LOG_LINES = 100
# The commands that start a server, and what they may be told of IAM.
_WITH_IAM = ("up", "serve")
_IAM_MODES: tuple[IamMode, ...] = ("off", "enforce")
_IAM_HELP = (
    "enforce: roles may do what their policies allow, and no more (default: as it is, and off at first)"
)


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return the exit status, 1 for an error and for `status` when none runs."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options.home, *([options.iam] if "iam" in options else [])))
    except HeadraceError as error:
        _say(f"error: {error}", sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="The local AWS of this clone.")
    parser.add_argument("--home", type=Path, default=HOME, help="its folder (default: .local in the clone)")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, meaning in (
        ("up", _up, "start it, unless it runs, and print how to reach it"),
        ("down", _down, "end it; its content is kept"),
        ("status", _status, "print whether it runs, and where"),
        ("logs", _logs, "print the end of its log, and where the logs of the jobs are"),
        ("reset", _reset, "end it and remove all that it holds"),
        ("serve", _serve, "run it in the foreground"),
    ):
        command = commands.add_parser(name, help=meaning)
        command.set_defaults(run=run)
        if name in _WITH_IAM:
            command.add_argument("--iam", choices=_IAM_MODES, help=_IAM_HELP)
    return parser


def _up(home: Path, iam: IamMode | None) -> int:
    news = _news(home)
    server = start(home, iam)
    for line in news:
        _say(line, sys.stderr)  # the other lines are for a shell
    _say(exports(server))
    if enforces_iam(home):
        _say("# IAM is enforced: roles may do what their policies allow; you are administrator")
    return 0


def _news(home: Path) -> list[str]:
    """Return what a person has to know of the server before this one."""
    if was_killed(home):
        return [f"the last local AWS was killed; {_age(state_file(home))}"]
    if is_outdated(home):
        return ["the code of the local AWS has changed: it was started again, with its content"]
    return []


def _age(state: Path) -> str:
    if not state.exists():
        return "nothing of it had been saved"
    saved_at = datetime.fromtimestamp(state.stat().st_mtime).astimezone()
    return f"its content is that of {saved_at:%Y-%m-%d %H:%M:%S}"


def exports(server: Server) -> str:
    """Return the lines that a person gives to a shell, so that the `aws` command talks to this server."""
    region = load_project().environment(LOCAL).region
    return "\n".join(
        [
            f"# the local AWS runs on {server.endpoint}; these lines point the aws command to it:",
            f"export AWS_ENDPOINT_URL={server.endpoint}",
            f"export AWS_DEFAULT_REGION={region}",
            "export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
            "unset AWS_PROFILE AWS_SESSION_TOKEN",
        ]
    )


def _down(home: Path) -> int:
    _say("the local AWS is down, and keeps what it holds" if stop(home) else "the local AWS was not running")
    return 0


def _status(home: Path) -> int:
    server = running(home)
    _say(
        f"runs on {server.endpoint}, process {server.pid}, in {server.home}"
        + (", and enforces IAM" if enforces_iam(home) else "")
        if server
        else f"not running ({home})"
    )
    return 0 if server else 1


def _logs(home: Path) -> int:
    if not log_file(home).exists():
        _say(f"no log in {home}: the local AWS has never been started there")
        return 1
    _say(f"{log_file(home)}:\n{log_tail(home, _LOG_LINES)}")
    jobs = sorted(jobs_folder(home).glob("*"), key=lambda folder: folder.stat().st_mtime)
    _say("\n".join(["jobs, the newest last:", *(f"  {job}" for job in jobs)]) if jobs else "no job has run")
    return 0


def _reset(home: Path) -> int:
    try:
        stop(home)
    except LocalAwsError:
        # It could not save what is about to be removed. One that still runs is another matter.
        if is_claimed(home):
            raise
    if home.exists():
        shutil.rmtree(home)
    _say("the local AWS is down, and holds nothing")
    return 0


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream)


def _serve(home: Path, iam: IamMode | None) -> int:
    forget_the_caller(load_project().environment(LOCAL).region)
    # Imported here, once the caller is forgotten, and not by the commands that only ask for a server.
    importlib.import_module("infra.local.server").serve(home, iam=iam or "off")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
