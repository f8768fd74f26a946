"""One instance of a job: its folders, its configuration, its environment, its process."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from headrace_local import leftovers, strict_json
from headrace_local.context import current
from headrace_local.files import jobs_folder
from headrace_local.sagemaker import confinement, container_paths, packages, volume
from headrace_local.sagemaker.errors import cannot_start, no_entrypoint
from headrace_local.sagemaker.logs import Output
from headrace_local.sagemaker.plan import IMAGE_TRAINS, Instance, Plan, image_of
from headrace_local.sagemaker.s3 import Store

_PYTHON = {"python", "python3"}  # an entrypoint's interpreter is the one that has the project's packages
# Some machines need its limits to be set; nothing else of the server's environment reaches a process.
_KEPT_PREFIX = "OPENBLAS_"
_PEERS = Path(__file__).parent / "peers"  # gives the names of the other instances an address; see there


def prepare(plan: Plan, instance: Instance, store: Store) -> None:
    """Lay out the folders, write the configuration, bring the inputs."""
    for folder in plan.folders:
        (instance.root / folder).mkdir(parents=True, exist_ok=True)
    instance.scratch.mkdir()
    for name, content in plan.configuration(instance.host).items():
        path = instance.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(strict_json.dumps(content, default=str), encoding="utf-8")
    index, count = plan.hosts.index(instance.host), len(plan.hosts)
    shares = [(source, store.share(source, index, count)) for source in plan.inputs]
    volume.check_brought(plan, (object_.size for _, share in shares for object_ in share))
    for source, share in shares:
        store.download(source, share, instance.root / source.folder)
    container_paths.rewrite_drivers(instance.root)


def erase(instance: Instance) -> None:
    """Remove all files of an interrupted instance; what it printed is kept."""
    for folder in (instance.root, instance.scratch):
        shutil.rmtree(folder, ignore_errors=True)


def drop_inputs(plan: Plan, instance: Instance) -> None:
    """Remove what was brought for a job that has ended: S3 has it. A folder that holds outputs too is kept."""
    for source in plan.inputs:
        if not any(Path(folder).is_relative_to(source.folder) for folder in plan.folders):
            shutil.rmtree(instance.root / source.folder, ignore_errors=True)


def environment(plan: Plan, instance: Instance) -> dict[str, str]:
    """Return the environment of the process: what SageMaker and the job set, and what this machine needs."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT_PREFIX)}
    return {
        **kept,
        # A container's, whatever this machine has: the same dates and texts as in an account.
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PATH": os.pathsep.join(
            [str(Path(image_of(plan.image).python).parent), os.environ.get("PATH", os.defpath)]
        ),
        "HOME": str(instance.scratch),  # the caller's would hold the caller's credentials
        "TMPDIR": str(instance.scratch),
        "PYTHONPATH": os.pathsep.join(map(str, _search_path(plan))),
        packages.VARIABLE: ",".join(packages.at_this_depth(image_of(plan.image))),
        "PYTHONUNBUFFERED": "1",
        "AWS_EC2_METADATA_DISABLED": "true",  # on an EC2 machine it would give the machine's own role
        "CURRENT_HOST": instance.host,
        **plan.environment,
        leftovers.MARK: str(instance.root),
    }


def _search_path(plan: Plan) -> list[Path]:
    return [
        *map(Path, image_of(plan.image).modules),
        packages.FOLDER,
        *([_PEERS] if len(plan.hosts) > 1 else []),
    ]


def start(plan: Plan, instance: Instance) -> tuple["subprocess.Popen[bytes]", Output]:
    """Start the container's command in a session of its own, so that all it starts can be ended with it."""
    if not plan.command:
        raise no_entrypoint()
    variables = environment(plan, instance)
    program = _program(plan, variables["PATH"])
    if program is None:
        raise cannot_start(plan.command[0])
    printed = Output()
    try:
        process = confinement.started(
            [program, *container_paths.arguments(plan.command, instance.root)],
            writable=[instance.root, instance.scratch],
            cwd=instance.scratch,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=printed.writing,
            stderr=printed.writing,
            start_new_session=True,
        )
    except OSError as error:
        printed.drop()
        raise cannot_start(plan.command[0]) from error
    return process, printed


def _program(plan: Plan, search_path: str) -> str | None:
    """Return the file of the command's program, None when there is none."""
    name = plan.command[0]
    if name in _PYTHON:
        return image_of(plan.image).python
    if name == IMAGE_TRAINS:
        # The image's own; another program of this machine may have the name.
        search_path = plan.environment.get("PATH", str(Path(image_of(plan.image).python).parent))
    return shutil.which(name, path=search_path)


def send(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Send a signal to a process that runs, and to all that it started."""
    if process.returncode is None:
        _send_to_group(process.pid, number)


def exit_code(process: "subprocess.Popen[bytes]", instance: Instance) -> int:
    """Wait for the end; return the exit code as a shell has it: 128 and the signal's number for a killed one.

    A container ends with its first process: what that one started is ended too, in whichever session it is.
    """
    code = process.wait()
    _send_to_group(process.pid, signal.SIGKILL)
    leftovers.end(instance.root)
    return 128 - code if code < 0 else code


def _send_to_group(number_of_group: int, number: signal.Signals) -> None:
    # No such process: all have ended. Not permitted: macOS says so where all have ended and one is not collected.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(number_of_group, number)


def work_folder(name: str, arn: str) -> Path:
    """Return a new folder for the job: `jobs/<name>`, or another one where that is some other job's."""
    jobs = jobs_folder(current().home)
    folder = jobs / name
    owner = folder / "arn"
    if folder.exists() and (not owner.is_file() or owner.read_text(encoding="utf-8") != arn):
        # Names are unique per account, region and kind of job only.
        folder = jobs / arn.replace(":", "_").replace("/", "_")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "arn").write_text(arn, encoding="utf-8")
    return folder
