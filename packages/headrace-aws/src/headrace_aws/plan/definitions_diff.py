"""Show what a branch changes in the definitions: `headrace definitions-diff --base origin/main`, as Markdown.

The definitions of both commits are rendered, each by the code of its own commit, and compared state by state as in a plan.
"""

import argparse
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace.files import file_text
from headrace_aws import cli
from headrace_aws.asl.render import DEFINITIONS, FILES, check_models, model_and_pipeline, rendered
from headrace_aws.commit import git
from headrace_aws.config.project import load_project
from headrace_aws.config.root import FILE, project_root
from headrace_aws.config.toml import toml_of
from headrace_aws.plan.machines import Machine
from headrace_aws.plan.section_machines import machines_section
from headrace_aws.release.manifest import DEFINITIONS as COMMITTED

_BASE = "origin/main"
_ROOM = 1_000_000  # characters
_TIMEOUT_SECONDS = 120

Machines = dict[str, dict[str, Machine]]  # by model and pipeline


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = argparse.ArgumentParser(prog="headrace definitions-diff", description=__doc__)
    parser.add_argument("--base", default=_BASE, metavar="COMMIT", help=f"what to compare with; {_BASE}")
    options = parser.parse_args(arguments)

    def command() -> int:
        root, project = project_root(), load_project()
        check_models(project)
        after = _machines(rendered(project), project.models)
        before = base_machines(root, options.base)
        models = sorted({*before, *after})
        sides = {model: (before.get(model, {}), after.get(model, {})) for model in models}
        cli.say("\n".join(machines_section(sides, _ROOM)).rstrip())
        return 0

    return cli.exit_status(command)


def base_machines(root: Path, base: str) -> Machines:
    """Return the state machines of a commit, by model and pipeline.

    Raises:
        ConfigurationError: there is no such commit, or its code cannot render its definitions.
    """
    commit = git(root, "rev-parse", "--verify", "--end-of-options", f"{base}^{{commit}}")
    if commit is None:
        raise ConfigurationError(
            f"there is no commit {base} in this checkout; `git fetch origin` fetches it, or name another BASE"
        )
    with tempfile.TemporaryDirectory() as temporary:
        archive, folder = Path(temporary) / "base.tar", Path(temporary) / "base"
        if git(root, "archive", "--format=tar", f"--output={archive}", commit) is None:
            raise ConfigurationError(f"git cannot archive {base}; `git archive {commit}` says why")
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        # Before they were built, definitions were committed.
        definitions = folder / COMMITTED
        if not definitions.is_dir():
            _render(folder, base)
            definitions = folder / DEFINITIONS
        settings = toml_of(folder / FILE)
        texts = {file.name: file_text(file) for file in sorted(definitions.glob(f"*{FILES.suffix}"))}
        return _machines(texts, settings.get("models", {}))


def _render(folder: Path, base: str) -> None:
    """Render the definitions of a commit by its own packages; those that it does not have are the installed ones."""
    packages = [str(path) for path in sorted(folder.glob("packages/*/src"))]
    code = f"import sys; sys.path[:0] = {packages}; from headrace_aws.__main__ import main; sys.exit(main())"
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-EPc", code, "render"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    if done.returncode:
        raise ConfigurationError(
            f"the definitions of {base} cannot be rendered; name a BASE whose `make render` works:\n{done.stderr.strip()}"
        )


def _machines(texts: Mapping[str, str], models: Iterable[str]) -> Machines:
    """Return the state machines of definitions that are named `<model>-<pipeline>.asl.json`."""
    machines: Machines = {}
    for name, text in texts.items():
        model, pipeline = model_and_pipeline(name, models)
        machines.setdefault(model, {})[pipeline] = Machine(pipeline, strict_json.loads(text, name), {})
    return machines
