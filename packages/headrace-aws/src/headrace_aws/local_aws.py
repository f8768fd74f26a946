"""The local AWS of a checkout: its folder `.local`, and its settings, as `project.toml` gives them."""

from pathlib import Path

import headrace
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project
from headrace_aws.config.root import project_root
from headrace_local import lifecycle
from headrace_local.lifecycle import Server
from headrace_local.settings import Image, Settings


def home(root: Path | None = None) -> Path:
    """Return the folder of the local AWS of a checkout."""
    return (root or project_root()) / ".local"


def settings(project: Project, root: Path) -> Settings:
    """Return the settings of the local AWS: jobs run the work tree's models, with the packages of the job image."""
    environment = project.environment(LOCAL)
    modules = [root / "src"]
    library = Path(headrace.__file__).parents[1]
    # Where it is installed as a package, it is one of those in requirements/jobs.txt.
    if library.name != "site-packages":
        modules.append(library)
    image = Image(project.name, tuple(map(str, modules)), str(root / "requirements" / "jobs.txt"))
    return Settings(environment.account, environment.region, (image,))


def running(project: Project, folder: Path) -> Server | None:
    """Return the server that runs in a folder for a project, None when there is none.

    Raises:
        LocalAwsError: it runs for another account or region than `project.toml` has.
    """
    return lifecycle.running(folder, settings(project, folder.resolve().parent))
