"""The preview of a pull request: the model of its branch, trained in an environment and judged by its gate.

`<model>-pr-<number>` is a model like any other, with a prefix, a registry group and a pipelines stack of its own. It
has no automation stack, and shares the data stack. `create` creates or renews one, `sweep` deletes those whose
pull request is closed.
"""
