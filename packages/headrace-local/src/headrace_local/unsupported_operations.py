"""Operations that moto calls done although nothing happened, or does not have: refused by the API and by Step Functions.

A state machine that would call one is refused when it is made, and not at its first run.
"""

# Operations of SageMaker, by AWS's names.
SAGEMAKER = frozenset(
    {
        "CreateAutoMLJobV2",
        "CreateCluster",
        "CreateCompilationJob",
        "CreateEndpoint",
        "CreateNotebookInstance",
        "UpdateEndpoint",
    }
)


def refusal(service: str, operation: str) -> str | None:
    """Return why an operation (of a service by botocore's name) is refused, or None when it is not."""
    if service == "sagemaker" and operation in SAGEMAKER:
        return f"The local AWS does not know {operation}: it runs processing, training, transform and tuning jobs."
    return None
