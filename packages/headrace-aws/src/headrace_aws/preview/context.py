"""A preview: which pull request of which model, where, and under what names."""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.config.environment import Schedules
from headrace_aws.config.project import Model, Project
from headrace_aws.config.texts import ModelName
from headrace_aws.model_context import ModelContext
from headrace_aws.session import AwsSession


@dataclass(frozen=True)
class Preview:
    """The preview of a pull request.

    `aws` and `project` are those of the environment, with what differs for a preview; `project` has the one model.
    """

    aws: AwsSession
    project: Project
    model: str  # that the pull request changes
    number: int  # of the pull request
    name: str  # of the preview's own model

    @property
    def settings(self) -> Model:
        """The model as the branch has it."""
        return self.project.model(self.name)

    @property
    def context(self) -> ModelContext:
        """The context of the preview's own records, versions and data."""
        return ModelContext(self.aws, self.project, self.name)

    @property
    def origin(self) -> ModelContext:
        """The context of the model that the pull request changes."""
        return ModelContext(self.aws, self.project, self.model)

    @property
    def raw(self) -> str:
        """Prefix of its raw tables."""
        return f"{self.name}/raw/"


def preview_of(aws: AwsSession, project: Project, model: str, number: int) -> Preview:
    """Return the preview of a pull request.

    Nothing starts by itself in it. A model that its gate passes waits for approval, so that the champion stays the
    one to be judged by.

    Raises:
        ConfigurationError: the environment is protected, or the preview's name is too long.
    """
    if aws.environment.protected:
        raise ConfigurationError(
            f"environment {aws.name} is protected, and takes no previews; name another one by ENV"
        )
    name = preview_name(model, number)
    environment = aws.environment.model_copy(
        update={"schedules": Schedules(), "automation": False, "approval": "manual"}
    )
    return Preview(
        replace(aws, environment=environment),
        project.model_copy(update={"models": {name: project.model(model)}}),
        model,
        number,
        name,
    )


def preview_name(model: str, number: int) -> str:
    """Return the name of a preview's model; raise `ConfigurationError` when it is too long."""
    name = naming.preview(model, number)
    try:
        TypeAdapter(ModelName).validate_python(name)
    except ValidationError as error:
        raise ConfigurationError(
            f"a preview of {model} would be named {name}, which is {len(name)} characters and may be 24; "
            "shorten the model's name in project.toml"
        ) from error
    return name
