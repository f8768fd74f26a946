"""What these grammars refuse."""


class TemplateError(ValueError):
    """A template, or an expression in it, that CloudFormation would refuse; the message is in its words."""
