"""What enters the job image: the runtime, the model packages and their locked dependencies, and nothing else."""

import fnmatch
import re
import subprocess

from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root

ROOT = project_root()


def in_context(file: str) -> bool:
    """Tell whether .dockerignore leaves a file in: of its lines the last that matches the file or a folder of it decides."""
    folders = ["/".join(file.split("/")[:depth]) for depth in range(1, file.count("/") + 2)]
    kept = True
    for line in (ROOT / ".dockerignore").read_text().split():
        pattern = line.removeprefix("!").removesuffix("/")
        if any(fnmatch.fnmatch(folder, pattern) for folder in folders):
            kept = line.startswith("!")
    return kept


def copied() -> set[str]:
    """Return the files of the repository that the Dockerfile copies."""
    sources = re.findall(r"^COPY (?!--from)(\S+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *sources],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return {file for file in tracked.stdout.splitlines() if in_context(file)}


def test_the_image_holds_the_runtime_and_the_models_only() -> None:
    """No test, no command, no pipeline and no local AWS enters it."""
    files = copied()
    runtime = {file for file in files if file.startswith("packages/headrace/src/headrace/")}
    models = {file for file in files if file.startswith("src/")}
    assert files - runtime - models == {"requirements/jobs.txt"}
    assert "packages/headrace/src/headrace/container.py" in runtime
    packages = {model.package for model in load_project().models.values()}
    assert packages <= {file.split("/")[1] for file in models}
    assert not [file for file in files if file.endswith(".md") or "/testing/" in file or "/tests/" in file]


def test_what_is_copied_is_in_the_context() -> None:
    """Nothing that the Dockerfile asks for is kept back, and nothing else is sent to the builder."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert {file for file in tracked.splitlines() if in_context(file)} <= copied()
