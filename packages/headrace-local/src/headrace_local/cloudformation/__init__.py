"""CloudFormation of the local AWS: its own engine behind the API of moto.

Moto's own engine skips resource types and properties that it does not know and still says CREATE_COMPLETE,
turns some resources into None on update, and cannot roll back. This one creates each resource through the
API of its service, in the account and region of the request, so what a stack made is what a client sees.
A type or a property that it cannot create is an error that names it.

From the API to the resources:

    api          the operations that clients call, with operations and safety_operations
    change_sets  what would change, kept until it is executed
    engine       creates, updates and deletes a stack; undoes all of it when one resource fails
    stack_policy what an update may not touch
    drift        what was changed outside of CloudFormation
    plan         which resources differ, and which of those have to be replaced
    template, parameters, functions, dependencies    a template, and what its expressions come to
    schemas      what AWS says of a type: its properties, their types, which of them need a replacement
    resources/   one module a service: create, update and delete through its client
    state        the stored stacks and change sets; they live in moto's backend objects and are saved with them
    clients      boto3 clients that call this process without a network
    identity     as whom they call: the stack's service role, or the caller

A request is answered when its work is done: a waiter finds the end at its first look.
"""

from headrace_local.cloudformation.api import install as install_api
from headrace_local.cloudformation.bucket_policies import install as install_bucket_policies


def install() -> None:
    """Put this engine in the place of moto's."""
    install_api()
    install_bucket_policies()
