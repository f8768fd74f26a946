"""The operations of CloudFormation's API that guard a stack: its policy, its protection from deletion, its drift."""

from moto.core.responses import ActionResult, EmptyResult

from headrace_local.cloudformation import drift, drift_views, stack_policy
from headrace_local.cloudformation.operations import Operations


class SafetyOperations(Operations):
    """SetStackPolicy and GetStackPolicy, UpdateTerminationProtection, and drift detection."""

    def update_termination_protection(self) -> ActionResult:
        stack = self._stack()
        stack.termination_protection = self.request["EnableTerminationProtection"]
        return ActionResult({"StackId": stack.id})

    def set_stack_policy(self) -> EmptyResult:
        stack = self._stack()
        stack.policy = stack_policy.given(self.request, "StackPolicy", stack.account, stack.region)
        return EmptyResult()

    def get_stack_policy(self) -> ActionResult:
        return ActionResult({"StackPolicyBody": self._stack().policy})

    def detect_stack_drift(self) -> ActionResult:
        stack = self._stack()
        detection = drift.detect(stack, self.request.get("LogicalResourceIds"))
        return ActionResult({"StackDriftDetectionId": detection.id})

    def describe_stack_drift_detection_status(self) -> ActionResult:
        stack = drift.detected(self.store, self.request["StackDriftDetectionId"])
        return ActionResult(drift_views.detection_view(stack))

    def detect_stack_resource_drift(self) -> ActionResult:
        stack = self._stack()
        resource = self._resource(stack, self.request["LogicalResourceId"])
        found = drift.detect_one(stack, resource)
        return ActionResult({"StackResourceDrift": drift_views.resource_drift_view(stack, resource, found)})

    def describe_stack_resource_drifts(self) -> ActionResult:
        stack = self._stack()
        desired = self.request.get("StackResourceDriftStatusFilters")
        return ActionResult({"StackResourceDrifts": drift_views.resource_drift_views(stack, desired)})
