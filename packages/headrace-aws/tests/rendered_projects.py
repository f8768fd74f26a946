"""Projects with their definitions, as a deployment takes them."""

import shutil
from pathlib import Path

from headrace_aws.asl.render import DEFINITIONS, FILES, rendered
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root
from headrace_aws.release.manifest import STACKS, Release

ROOT = project_root()


PROJECT = load_project()


def rendered_in(folder: Path, project: Project) -> Release:
    """Return a work tree of its own, which holds the templates and what the project renders."""
    shutil.copytree(ROOT / STACKS, folder / STACKS)
    FILES.write(rendered(project), folder / DEFINITIONS)
    return Release(folder, project)
