"""What CloudFormation refuses, in the words and codes of AWS."""

from moto.cloudformation.exceptions import CloudFormationError, ValidationError


class InsufficientCapabilities(CloudFormationError):  # noqa: N818 - the name that AWS gives it
    """The template makes IAM resources, and the caller did not acknowledge it."""

    code = "InsufficientCapabilitiesException"


class ChangeSetNotFound(CloudFormationError):  # noqa: N818 - the name that AWS gives it
    code = "ChangeSetNotFound"


class InvalidChangeSetStatus(CloudFormationError):  # noqa: N818 - the name that AWS gives it
    code = "InvalidChangeSetStatus"


def invalid(message: str) -> ValidationError:
    """Return the ValidationError that says `message`."""
    return ValidationError(message=message)
