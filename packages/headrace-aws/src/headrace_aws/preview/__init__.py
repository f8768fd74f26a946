"""The preview of a pull request: the model of its branch, trained in an environment and judged by its gate.

`<model>-pr-<number>` is a model like any other, with a prefix, a registry group and a pipelines stack of its own. It
has no automation stack, and shares the data stack. `making` makes or renews one, `removal` takes everything of it
away, `sweep` does so with those whose pull request is closed.
"""
