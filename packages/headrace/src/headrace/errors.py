"""The errors that Headrace raises on purpose. Each message is the fact and the remedy.

HeadraceError
├── ConfigurationError   project.toml, hyperparameters or a job's arguments
├── DataError            a raw table that is not what the model's schema says
├── ArtefactError        a model artefact that is damaged, or does not score as it did
├── DefinitionError      a pipeline definition that AWS would refuse
├── DeployError          a stack that did not reach the wanted state
├── WaitError            AWS did not end in time what it does, or is in a state that is not known
├── ReleaseError         a release that is altered, not proven, or cannot be built or kept
└── GitHubError          GitHub refused a call, or did not answer
"""


class HeadraceError(Exception):
    """Base of all: the command line prints its message and no traceback."""


class ConfigurationError(HeadraceError):
    """A setting is missing, unknown, or has a value that cannot work."""


class DataError(HeadraceError):
    """A raw table does not fit the schema: the message names file, column, count, values and remedy."""


class ArtefactError(HeadraceError):
    """A model artefact cannot be used: a file is missing or altered, or its golden rows score otherwise."""


class DefinitionError(HeadraceError):
    """A pipeline definition is not what the state machine or the API accepts."""


class DeployError(HeadraceError):
    """A deployment failed: the message lists each failing resource with its reason."""


class WaitError(HeadraceError):
    """What was waited for did not end in time, or has an unknown status: the message names it, and the time."""


class GitHubError(HeadraceError):
    """GitHub refused a call or did not answer: the message names the call, the status and GitHub's own words."""


class ReleaseError(HeadraceError):
    """A release cannot be built, is not what was built, or may not go where it shall."""
