"""The errors of the local AWS. Each message is the fact and the remedy."""


class LocalAwsError(Exception):
    """The local AWS could not do what was asked: not started, not running, or its state unreadable."""
