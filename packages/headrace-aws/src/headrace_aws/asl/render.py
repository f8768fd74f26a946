"""The pipelines of a project, and their definitions in States Language, rendered into `dist/definitions`."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace.model import load_model
from headrace.settings import settings_of
from headrace_aws.asl.generated_files import Rendered
from headrace_aws.asl.states import Fields
from headrace_aws.config.project import Project
from headrace_aws.config.root import project_root, put_on_path

FILES = Rendered(suffix=".asl.json", owner="model and pipeline", command="make render")
DEFINITIONS = Path("dist/definitions")
PIPELINES = "pipelines"  # the folder of a project that is the package of its pipelines


class PipelineModule(Protocol):
    """A module of `pipelines/`: its name, and its definition for a model of a project.

    One that people start has `accepted_input(model_name, model)`, too: the `Input` that an execution takes.
    """

    NAME: str

    def definition(self, project: Project, model_name: str, /) -> Fields: ...


def load_pipelines() -> tuple[PipelineModule, ...]:
    """Return the pipelines of the project, as `pipelines/__init__.py` lists them in PIPELINES.

    Raises:
        ConfigurationError: the project has no such list.
    """
    root = project_root()
    put_on_path(root)
    found = getattr(import_module(PIPELINES), "PIPELINES", None)
    if not isinstance(found, tuple):
        raise ConfigurationError(
            f"{root / PIPELINES / '__init__.py'} has no tuple PIPELINES of pipeline modules"
        )
    return found


def pipeline_names() -> list[str]:
    """Return the names of the project's pipelines."""
    return [pipeline.NAME for pipeline in load_pipelines()]


def model_and_pipeline(file_name: str, models: Iterable[str]) -> tuple[str, str]:
    """Return what a definition's file is of; with models a and a-b, a-b-training.asl.json is of the second.

    The model is empty where the file is of none of them.
    """
    name = file_name.removesuffix(FILES.suffix)
    owners = [model for model in models if name.startswith(f"{model}-")]
    model = max(owners, key=len, default="")
    return model, name.removeprefix(f"{model}-")


def rendered(project: Project) -> dict[str, str]:
    """Return the text of every definition by its file name, `<model>-<pipeline>.asl.json`."""
    return {
        f"{model}-{pipeline.NAME}.asl.json": f"{strict_json.dumps(pipeline.definition(project, model), indent=2)}\n"
        for model in project.models
        for pipeline in load_pipelines()
    }


def render(project: Project, root: Path) -> Mapping[str, str]:
    """Write every definition into `dist/definitions` of a checkout, and return them as `rendered` does.

    Raises:
        ConfigurationError: as `check_models`.
    """
    check_models(project)
    texts = rendered(project)
    FILES.write(texts, root / DEFINITIONS)
    return texts


def check_models(project: Project) -> None:
    """Raise `ConfigurationError` when a model of project.toml has no package, or one without such hyperparameters."""
    put_on_path(project_root())
    for name, model in project.models.items():
        settings_of(
            load_model(model.package).hyperparameters,
            model.hyperparameters,
            f"models.{name}.hyperparameters in project.toml",
        )
