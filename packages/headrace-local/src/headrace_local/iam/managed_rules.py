"""The managed rules that report to Step Functions the end of a `.sync` task's job: it makes them as the machine's role.

A role that may not is refused when the state machine is made. Here nothing needs the rules, so none is made.
"""

import re

from headrace_local.iam.services import may

_PREFIX = "StepFunctionsGetEventsFor"
_RULES = {
    "sagemaker:createHyperParameterTuningJob": "SageMakerTuningJobsRule",
    "sagemaker:createProcessingJob": "SageMakerProcessingJobsRule",
    "sagemaker:createTrainingJob": "SageMakerTrainingJobsRule",
    "sagemaker:createTransformJob": "SageMakerTransformJobsRule",
    "states:startExecution": "StepFunctionsExecutionRule",
}
_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
_WAITING = re.compile(r'"arn:aws[\w-]*:states:::(\w+:\w+)\.sync(?::2)?"')


def denial(definition: str, role_arn: str, region: str) -> str | None:
    """Return AWS's words when the role of a definition (ASL, as JSON text) may not make the rules, or None."""
    account = role_arn.split(":")[4]
    for task in sorted(set(_WAITING.findall(definition)) & set(_RULES)):
        arn = f"arn:aws:events:{region}:{account}:rule/{_PREFIX}{_RULES[task]}"
        if not all(may(role_arn, "states", action, arn) for action in _ACTIONS):
            return f"'{role_arn}' is not authorized to create managed-rule."
    return None
