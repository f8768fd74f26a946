"""The command line: `headrace <verb>`. Each verb is a function of a module that is imported when it is asked for."""

import difflib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

# The other packages, which no module is imported from before it is known that they are there.
_PACKAGES = {"headrace": "headrace", "headrace_local": "headrace-local"}
WRONG_USE = 2
INTERRUPTED = 130
_HELP = frozenset({"-h", "--help"})


@dataclass(frozen=True)
class Verb:
    """A command: what it does, and where its function is."""

    meaning: str
    module: str
    function: str = "main"

    def run(self, arguments: Sequence[str]) -> int:
        """Run it and return its exit status."""
        module = import_module(f"headrace_aws.{self.module}")
        main = cast("Callable[[Sequence[str]], int]", getattr(module, self.function))
        return main(arguments)


VERBS = {
    "Define": {
        "schema": Verb("print the JSON schema of project.toml", "config.project"),
        "pipeline": Verb("create: write a new pipeline and its part of the stacks", "new_pipeline.command"),
        "render": Verb("render the pipelines into dist/definitions", "asl.commands", "render_main"),
        "check": Verb("check the definitions of the pipelines", "asl.commands", "check_main"),
        "definitions-diff": Verb("show what a branch changes in the definitions", "plan.definitions_diff"),
        "draw": Verb("draw the pipelines into docs/pipelines", "asl.diagrams.__main__"),
        "packages": Verb("compare packages/ with the template's", "package_files"),
    },
    "Deploy": {
        "local": Verb("up, down, status, logs, reset, save, interrupt: the local AWS", "local_command"),
        "bootstrap": Verb("prepare an account, once, as its administrator", "deploy.bootstrap"),
        "release": Verb("build, id, list, promoted: what is deployed", "release.command"),
        "plan": Verb("tell what a deployment would change", "plan.command"),
        "deploy": Verb("deploy a release; to the local AWS the work tree", "deploy.deployment"),
        "smoke": Verb("check that what is deployed is the release", "smoke.command"),
        "rollback": Verb("put the former release back", "deploy.rollback"),
        "preview": Verb("create, remove, sweep: the preview of a pull request", "preview.command"),
        "drift": Verb("tell what was changed by hand in the stacks", "stacks.drift"),
        "destroy": Verb("take an environment away", "teardown.destroy"),
    },
    "Run": {
        "data": Verb("put raw tables into the data bucket", "data.raw_data"),
        "run": Verb("run a pipeline and follow it", "runs.run"),
        "follow": Verb("follow an execution until it ends", "runs.execution", "follow_main"),
        "stop": Verb("stop an execution", "runs.execution", "stop_main"),
        "trigger": Verb("start a pipeline as its schedule would", "runs.trigger_schedule"),
        "logs": Verb("print the logs of jobs", "runs.logs"),
        "report": Verb("write the page of a run", "runs.report.command"),
        "runs": Verb("list or export the runs", "runs.records.command", "runs_main"),
        "compare": Verb("compare runs", "runs.records.command", "compare_main"),
    },
    "Models": {
        "lineage": Verb("trace a model back to what made it", "registry.lineage_command"),
        "approve": Verb("approve a version of a model", "registry.approval", "approve_main"),
        "reject": Verb("reject a version of a model", "registry.approval", "reject_main"),
    },
    "Workflows": {
        "settings": Verb("print account, region and role of an environment", "github.settings"),
        "github": Verb("comment, issue, pull-request: what a workflow says", "github.command"),
    },
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that is named; return its exit status, 130 when Ctrl-C ended it."""
    _put_last(os.environ.get("PYTHONPATH", ""))
    _open_streams()
    try:
        try:
            if arguments is None:
                _end_as_by_ctrl_c()
            status = _run(sys.argv[1:] if arguments is None else arguments)
        except SystemExit as ended:  # argparse has printed its help, or an error
            status = ended.code if isinstance(ended.code, int) else WRONG_USE
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough, as `head` has
        import_module("headrace_aws.cli").discard_output()
        return 0
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal was closed
            sys.stderr.write("\ninterrupted\n")
        return INTERRUPTED
    except BaseException as error:  # noqa: BLE001 - whatever it is, a person reads one line
        cli = import_module("headrace_aws.cli")
        status = cli.tell(error)
        if isinstance(error, OSError):
            cli.discard_output()  # such as a full disk behind `>`, which would be told once more at the end
    return status


def _open_streams() -> None:
    """Discard what would go to a stream that the caller has closed, as `>&-` does."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))


def _put_last(python_path: str) -> None:
    """Search the folders of a PYTHONPATH after all others: what a shell has there hides no module of ours."""
    folders = {Path(folder).absolute() for folder in python_path.split(os.pathsep) if folder}
    sys.path.sort(key=lambda entry: Path(entry).absolute() in folders)


def _end_as_by_ctrl_c() -> None:
    """Have a workflow that is cancelled, and a terminal that is closed, still write its record and remove its lock."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, signal.default_int_handler)


def _run(arguments: Sequence[str]) -> int:
    verbs = {name: verb for group in VERBS.values() for name, verb in group.items()}
    if not arguments or arguments[0] in _HELP:
        sys.stdout.write(_help())
        return 0 if arguments else WRONG_USE
    name, *rest = arguments
    if name not in verbs:
        near = difflib.get_close_matches(name, verbs, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `headrace --help` lists them"
        sys.stderr.write(f"error: there is no command {name!r}{hint}\n")
        return WRONG_USE
    for module, package in _PACKAGES.items():
        if find_spec(module) is None:
            sys.stderr.write(
                f"error: the package {package} is not installed; bring packages/{package} back "
                f"(git restore packages/{package}), or name it in requirements/dev.in; then `make clean setup`\n"
            )
            return WRONG_USE
    root = import_module("headrace_aws.config.root")
    try:
        root.put_on_path(root.project_root())
    except import_module("headrace.errors").ConfigurationError as error:
        if not _HELP.intersection(rest):  # which is the same everywhere
            sys.stderr.write(f"error: {error}\n")
            return WRONG_USE
    else:
        _warn_of_another_checkout(root.project_root())
    return verbs[name].run(rest)


def _warn_of_another_checkout(root: Path) -> None:
    """Say so when a checkout has this package, and another one's runs: an activated environment stays in every folder."""
    own, here = (root / "packages" / "headrace-aws").resolve(), Path(__file__).resolve()
    if own.is_dir() and not here.is_relative_to(own):
        sys.stderr.write(
            f"warning: this command is that of {here.parent}, and not of {own}: run .venv/bin/headrace in {root}, or make\n"
        )


def _help() -> str:
    lines = ["usage: headrace <command> [options]; `headrace <command> --help` tells the options"]
    for group, verbs in VERBS.items():
        lines += ["", group, *(f"  {name:<16} {verb.meaning}" for name, verb in verbs.items())]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
