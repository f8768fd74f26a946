"""Create a pipeline: `headrace pipeline create NAME`, a file that works and its part of the stacks."""

import argparse
import ast
import keyword
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from headrace.errors import ConfigurationError
from headrace.files import file_text
from headrace_aws import cli, naming
from headrace_aws.asl.render import PIPELINES, load_pipelines
from headrace_aws.asl.states import Fields
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root
from headrace_aws.new_pipeline.stack import rendered, with_pipeline, with_watch
from headrace_aws.release.manifest import STACKS
from headrace_aws.whole_files import write_whole

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_MACHINE_NAME = 80  # characters, of Step Functions
_PULL_REQUEST = 99_999  # a preview has its number in the names of its state machines
_LINE_LENGTH = 110


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, or 2 with an error."""
    parser = argparse.ArgumentParser(prog="headrace pipeline", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="write a pipeline of one job, and its part of the stacks")
    create.add_argument("name", help="such as refresh or monthly-refresh")
    options = parser.parse_args(arguments)

    def command() -> int:
        root = project_root()
        texts = created(load_project(), root, options.name)
        _write(texts)
        for file in texts:
            cli.say(f"wrote {file.relative_to(root)}")
        cli.say(
            f"\nNext: read them, then `make check`, `make graph`, `make deploy`, `make run PIPELINE={options.name}`."
        )
        return 0

    return cli.exit_status(command)


def created(project: Project, root: Path, name: str) -> dict[Path, str]:
    """Return the texts of all files that a new pipeline needs, by file.

    Raises:
        ConfigurationError: the name cannot be one, or is taken; or a file is not as it would have to be.
    """
    _check_name(project, name)
    module = name.replace("-", "_")
    folder, stacks = root / PIPELINES, root / STACKS
    file, listing = folder / f"{module}.py", folder / "__init__.py"
    taken = {pipeline.NAME for pipeline in load_pipelines()}
    if name in taken or file.exists():
        raise ConfigurationError(
            f"the pipeline {name} exists: edit {file.relative_to(root)}, or take another NAME"
        )
    source = rendered("pipeline.py.jinja", name=name)
    stack, automation = stacks / "pipelines.yaml", stacks / "automation.yaml"
    definition = _definition(source, project)
    return {
        file: source,
        listing: _listed(file_text(listing), module),
        stack: with_pipeline(file_text(stack), name, definition),
        automation: with_watch(file_text(automation), name),
    }


def _check_name(project: Project, name: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigurationError(
            f"{name!r} cannot name a pipeline: give lower-case words of letters and digits, joined by '-', such as refresh"
        )
    prefixes = [
        naming.pipeline_prefix(project, naming.preview(model, _PULL_REQUEST)) for model in project.models
    ]
    longest = _LONGEST_MACHINE_NAME - max(map(len, prefixes))
    if len(name) > longest:
        raise ConfigurationError(
            f"{name!r} is too long: Step Functions takes {_LONGEST_MACHINE_NAME} characters, which leaves {longest} beside "
            "project, model and number of a preview; take a shorter NAME"
        )


def _definition(source: str, project: Project) -> Fields:
    """Return the definition that a pipeline's source makes for the first model."""
    module = ModuleType("pipeline")
    exec(source, module.__dict__)  # noqa: S102 - the text of this package, before it is a file
    definition: Fields = module.definition(project, next(iter(project.models)))
    return definition


def _listed(text: str, module: str) -> str:
    """Return `pipelines/__init__.py` with one more module, imported and at the end of PIPELINES."""
    statements = ast.parse(text).body
    imports = [each for each in statements if isinstance(each, ast.ImportFrom) and each.module == PIPELINES]
    tuples = [
        each
        for each in statements
        if isinstance(each, ast.Assign)
        and isinstance(each.value, ast.Tuple)
        and ast.unparse(each.targets[0]) == "PIPELINES"
    ]
    if len(imports) != 1 or len(tuples) != 1:
        raise ConfigurationError(
            "pipelines/__init__.py needs one `from pipelines import (...)` and one tuple PIPELINES; "
            "write it so, and create the pipeline again"
        )
    imported = sorted([*(alias.name for alias in imports[0].names), module])
    value = tuples[0].value
    assert isinstance(value, ast.Tuple)  # noqa: S101 - chosen above
    members = [*(ast.unparse(each) for each in value.elts), module]
    lines = text.splitlines()
    for statement, head, names in (
        (tuples[0], "PIPELINES = ", members),
        (imports[0], "from pipelines import ", imported),
    ):
        one_line = f"{head}({', '.join(names)})"
        fits = head.startswith("PIPELINES") and len(one_line) <= _LINE_LENGTH
        new = [one_line] if fits else [f"{head}(", *(f"    {each}," for each in names), ")"]
        lines[statement.lineno - 1 : statement.end_lineno] = new
    return "\n".join([*lines, ""])


def _write(texts: Mapping[Path, str]) -> None:
    """Write all files, or none: what was written is put back after an error."""
    former = {file: file.read_text(encoding="utf-8") if file.exists() else None for file in texts}
    try:
        for file, text in texts.items():
            write_whole(file, text)
    except OSError as error:
        for file, before in former.items():
            if before is None:
                file.unlink(missing_ok=True)
            else:
                write_whole(file, before)
        raise ConfigurationError(
            f"the pipeline cannot be written, and nothing is changed: {error}"
        ) from error
