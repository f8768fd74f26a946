"""What takes away what a deployment and its runs left: for a preview, and for a whole environment.

Each function is done when nothing is left, says what it took, and says nothing where nothing was: so a removal that
broke off is repeated. Nothing here asks; `headrace_aws.teardown` and `headrace_aws.preview` do.
"""
