"""What all operations of CloudFormation's API share: the request, the stacks of its account, the resource it means."""

from moto.core.responses import BaseResponse

from headrace_local.cloudformation.errors import invalid
from headrace_local.cloudformation.requests import Request, stack_named
from headrace_local.cloudformation.state import Resource, Stack, Stacks, stacks_of


class Operations(BaseResponse):
    """Operations as methods, named as moto's dispatcher looks for them."""

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    @property
    def store(self) -> Stacks:
        """The stacks of the caller's account and region."""
        return stacks_of(self.current_account, self.region)

    @property
    def request(self) -> Request:
        """The request's parameters, under AWS's names."""
        parameters: Request = self.params
        return parameters

    def _stack(self) -> Stack:
        if "StackName" not in self.request:
            raise invalid("StackName must be given")
        return stack_named(self.store, self.request["StackName"], deleted=True)

    def _resource(self, stack: Stack, logical_id: str) -> Resource:
        if logical_id not in stack.resources:
            raise invalid(f"Resource {logical_id} does not exist for stack {stack.name}")
        return stack.resources[logical_id]
