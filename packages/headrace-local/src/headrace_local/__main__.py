"""The command line: `headrace-local up|down|status|logs|reset|save|interrupt|serve`."""

import argparse
import importlib
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from headrace_local import leftovers
from headrace_local.endings import tell
from headrace_local.environ import check_seconds, remove_user_settings
from headrace_local.errors import LocalAwsError
from headrace_local.files import jobs_folder, lock_file, log_file
from headrace_local.interrupt import interrupt
from headrace_local.lifecycle import Server, enforces_iam, is_outdated, log_tail, loss, running, start, stop
from headrace_local.record import IamMode, is_claimed
from headrace_local.saving import save_now
from headrace_local.settings import Image, Settings, load

_HOME = Path(".local")
_LOG_LINES = 100
_IAM_MODES: tuple[IamMode, ...] = ("off", "enforce")


def main(
    arguments: Sequence[str] | None = None,
    home: Path = _HOME,
    settings: Settings | None = None,
    *,
    program: str = "headrace-local",
) -> int:
    """Do what the arguments say; return the exit status, 1 for an error and for `status` when none runs.

    `home`, `settings` and `program`, the name in the help, are those of a caller that has its own; without settings,
    options give them.
    """
    options = _parser(program, home, with_settings=settings is None).parse_args(arguments)
    options.settings = settings
    try:
        return int(options.run(options))
    except BaseException as error:  # noqa: BLE001 - whatever it is, a person reads one line
        return tell(error)


def _parser(program: str, home: Path, *, with_settings: bool) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description="A local AWS whose jobs, state machines and stacks really run."
    )
    parser.add_argument("--home", type=Path, default=home, help=f"its folder (default: {home})")
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, meaning in (
        ("up", _up, "start it, unless it runs, and print how to reach it"),
        ("down", _down, "end it; its content is kept"),
        ("status", _status, "print whether it runs, and where"),
        ("logs", _logs, "print the end of its log, and where the logs of the jobs are"),
        ("reset", _reset, "end it and remove all that it holds"),
        ("save", _save, "save what it holds now, which it also does by itself; exit status 1 when it cannot"),
        ("interrupt", _interrupt, "interrupt a managed spot training job: its instances are reclaimed"),
        ("serve", _serve, "run it in the foreground"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.set_defaults(run=run)
        if name in {"up", "serve"}:
            command.add_argument(
                "--iam",
                choices=_IAM_MODES,
                help="enforce: roles may do what their policies allow, and no more (default: as it is, and off at first)",
            )
        if name == "up" and with_settings:
            _add_settings(command)
        if name == "interrupt":
            command.add_argument("job", help="the name of the training job")
    return parser


def _add_settings(command: argparse.ArgumentParser) -> None:
    """Add the options that make settings; what is left out is as at the last start."""
    command.add_argument("--account", metavar="NUMBER", type=_account, help="its account, 12 digits")
    command.add_argument("--region", metavar="NAME", type=_region, help="its region, such as us-east-1")
    command.add_argument(
        "--image",
        action="append",
        default=[],
        metavar="REPOSITORY[=FOLDER:...]",
        help="an image that jobs may name, by its repository in ECR (* is every image): its jobs run in this Python, "
        "and import modules from these folders; may be given several times",
    )


def _given_settings(options: argparse.Namespace) -> Settings:
    """Return the settings that the options give, over those of the last start."""
    settings: Settings = options.settings or load(options.home)
    if options.settings:
        return settings
    images = tuple(map(_image, options.image)) or settings.images
    return replace(
        settings,
        account=options.account or settings.account,
        region=options.region or settings.region,
        images=images,
    )


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account number of 12 digits")
    return text


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a region such as us-east-1")
    return text


def _image(text: str) -> Image:
    repository, _, folders = text.partition("=")
    modules = [Path(folder).resolve() for folder in folders.split(os.pathsep) if folder]
    for folder in modules:
        if not folder.is_dir():
            raise LocalAwsError(
                f"the image {repository} is to have the modules of {folder}, which is no folder"
            )
    return Image(repository, tuple(map(str, modules)))


def _up(options: argparse.Namespace) -> int:
    check_seconds()
    home, settings = options.home, _given_settings(options)
    news = _news(home, settings)
    server = start(home, settings, options.iam)
    for line in news:
        _say(line, sys.stderr)  # the other lines are for a shell
    _say(exports(server, settings.region))
    if enforces_iam(home):
        _say("# IAM is enforced: roles may do what their policies allow; you are administrator")
    return 0


def _news(home: Path, settings: Settings) -> list[str]:
    """Return what a person has to know of the server before this one."""
    if lost := _cleared(home):
        return [lost]
    if is_outdated(home, settings):
        return [
            "the code or the settings of the local AWS have changed: it was started again, with its content"
        ]
    return []


def _cleared(home: Path) -> str:
    """End the processes of jobs that a killed server left; return what is to be said of it, empty when none was killed."""
    lost = loss(home)
    ended = leftovers.end(jobs_folder(home.resolve())) if lost else []
    numbers = ", ".join(map(str, ended))
    return f"{lost}; ended the processes of jobs that it had left: {numbers}" if ended else lost


def exports(server: Server, region: str) -> str:
    """Return the lines that a person gives to a shell, so that the `aws` command talks to this server."""
    return "\n".join(
        [
            f"# the local AWS runs on {server.endpoint}; these lines point the aws command to it:",
            f"export AWS_ENDPOINT_URL={server.endpoint}",
            f"export AWS_DEFAULT_REGION={region}",
            "export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local",
            "unset AWS_PROFILE AWS_SESSION_TOKEN",
        ]
    )


def _down(options: argparse.Namespace) -> int:
    home = options.home
    if stop(home):
        _say("the local AWS is down, and keeps what it holds")
        return 0
    lost = _cleared(home)
    _say(f"the local AWS was not running{f': {lost}' if lost else ''}")
    return 0


def _status(options: argparse.Namespace) -> int:
    server = running(options.home, options.settings)
    _say(
        f"runs on {server.endpoint}, process {server.pid}, in {server.home}"
        + (", and enforces IAM" if enforces_iam(options.home) else "")
        if server
        else f"not running ({options.home}){f': {lost}' if (lost := loss(options.home)) else ''}"
    )
    return 0 if server else 1


def _logs(options: argparse.Namespace) -> int:
    home = options.home
    if not log_file(home).exists():
        _say(f"no log in {home}: the local AWS has never been started there")
        return 1
    _say(f"{log_file(home)}:\n{log_tail(home, _LOG_LINES)}")
    jobs = sorted(jobs_folder(home).glob("*"), key=lambda folder: folder.stat().st_mtime)
    _say("\n".join(["jobs, the newest last:", *(f"  {job}" for job in jobs)]) if jobs else "no job has run")
    return 0


def _reset(options: argparse.Namespace) -> int:
    home = options.home
    try:
        stop(home, is_content_needed=False)
    except LocalAwsError:
        # It could not save what is about to be removed. One that still runs is another matter.
        if is_claimed(home):
            raise
    if home.exists():
        if not lock_file(home).exists() and any(home.iterdir()):
            raise LocalAwsError(
                f"no local AWS has run in {home}, so nothing was removed; name its folder by --home"
            )
        leftovers.end(jobs_folder(home.resolve()))
        shutil.rmtree(home)
    _say("the local AWS is down, and holds nothing")
    return 0


def _save(options: argparse.Namespace) -> int:
    server = running(options.home, options.settings)
    if server is None:
        raise LocalAwsError(f"no local AWS runs in {options.home}; start it first")
    save_now(server.endpoint)
    return 0


def _interrupt(options: argparse.Namespace) -> int:
    server = running(options.home, options.settings)
    if server is None:
        raise LocalAwsError(f"no local AWS runs in {options.home}; start it first")
    interrupt(server.endpoint, load(options.home).region, options.job)
    _say(f"{options.job} is being interrupted")
    return 0


def _serve(options: argparse.Namespace) -> int:
    check_seconds()
    remove_user_settings(load(options.home).region)
    # Imported here, once the caller is forgotten, and not by the commands that only ask for a server.
    importlib.import_module("headrace_local.api_models").read_each_once()
    importlib.import_module("headrace_local.server").serve(options.home, iam=options.iam or "off")
    return 0


def _say(text: str, stream: TextIO | None = None) -> None:
    print(text, file=stream, flush=True)


if __name__ == "__main__":
    sys.exit(main())
