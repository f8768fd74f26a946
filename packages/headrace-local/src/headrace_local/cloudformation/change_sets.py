"""Change sets: what a request would change, kept until it is executed."""

from uuid import uuid4

from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError

from headrace_local.cloudformation.engine import Deployment
from headrace_local.cloudformation.errors import ChangeSetNotFound, InvalidChangeSetStatus, invalid
from headrace_local.cloudformation.events import set_stack_status
from headrace_local.cloudformation.goal import Goal, goal
from headrace_local.cloudformation.identity import check_role
from headrace_local.cloudformation.plan import plan
from headrace_local.cloudformation.requests import (
    Request,
    check_name,
    find,
    goal_of,
    new_stack,
    stack_named,
    take_over,
    template_of,
)
from headrace_local.cloudformation.state import ChangeSet, Stack, Stacks, now
from headrace_local.grammars.errors import TemplateError
from headrace_local.grammars.template import parsed

NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)
# The last two are how a deployment ends that fails and was told not to roll back.
UPDATABLE = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED"}
)


def create(store: Stacks, request: Request, account: str, region: str) -> ChangeSet:
    """Keep a new change set; of the type CREATE it brings a stack of its own, in REVIEW_IN_PROGRESS."""
    check_name(request["ChangeSetName"], "changeSetName")
    kind = request.get("ChangeSetType", "UPDATE")
    present = find(store, request["StackName"])
    if kind == "CREATE":
        if present is not None and present.status != "REVIEW_IN_PROGRESS":
            raise AlreadyExistsException(
                f"Stack [{request['StackName']}] already exists and cannot be created again with the "
                f"changeSet [{request['ChangeSetName']}]"
            )
        stack = present or new_stack(request, account, region)
    elif kind == "UPDATE":
        stack = stack_named(store, request["StackName"])
        check_updatable(stack)
    else:
        raise invalid(f"ChangeSetType {kind} is not known to the local AWS; it knows CREATE and UPDATE")
    check_role(request.get("RoleARN"), account)
    if any(each.name == request["ChangeSetName"] for each in of_stack(store, stack)):
        raise AlreadyExistsException(f"ChangeSet {request['ChangeSetName']} already exists")
    desired = goal_of(request, stack, template_of(request, account, region, stack))
    change_set = _made(request, stack, desired)
    _plan(store, stack, desired, change_set)
    if stack.id not in store.stacks:
        store.stacks[stack.id] = stack
        set_stack_status(stack, "REVIEW_IN_PROGRESS", "User Initiated")
    store.change_sets[change_set.id] = change_set
    return change_set


def check_updatable(stack: Stack) -> None:
    """Raise ValidationError when the stack is in a state that allows no update."""
    if stack.status not in UPDATABLE:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def _made(request: Request, stack: Stack, desired: Goal) -> ChangeSet:
    name = request["ChangeSetName"]
    return ChangeSet(
        id=f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{name}/{uuid4()}",
        name=name,
        stack_id=stack.id,
        kind=request.get("ChangeSetType", "UPDATE"),
        description=request.get("Description"),
        template=desired.template.text,
        parameters=dict(desired.parameters),
        tags=dict(desired.tags),
        capabilities=request.get("Capabilities", []),
        notification_arns=request.get("NotificationARNs", []),
        role_arn=request.get("RoleARN"),
        on_failure=request.get("OnStackFailure"),
    )


def _plan(store: Stacks, stack: Stack, desired: Goal, change_set: ChangeSet) -> None:
    try:
        planned = plan(store, stack, desired)
    except (CloudFormationError, TemplateError) as error:
        _fail(change_set, str(error))
        return
    change_set.changes = list(planned.changes)
    if planned.faults:
        _fail(change_set, "\n".join(planned.faults))
    elif planned.is_empty and change_set.kind == "UPDATE" and change_set.tags == stack.tags:
        _fail(change_set, NO_CHANGES)


def _fail(change_set: ChangeSet, reason: str) -> None:
    change_set.status, change_set.execution_status, change_set.reason = "FAILED", "UNAVAILABLE", reason


def of_stack(store: Stacks, stack: Stack) -> list[ChangeSet]:
    """Return the change sets of a stack, the oldest first."""
    return [each for each in store.change_sets.values() if each.stack_id == stack.id]


def named(store: Stacks, request: Request) -> ChangeSet:
    """Return the change set of a name (with its stack's) or of an ARN."""
    name = request["ChangeSetName"]
    if name in store.change_sets:
        return store.change_sets[name]
    if "StackName" in request:
        stack = stack_named(store, request["StackName"], deleted=True)
        for each in of_stack(store, stack):
            if each.name == name:
                return each
    raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")


def execute(store: Stacks, request: Request) -> None:
    """Carry a change set out. Whether it succeeded, the stack's status tells."""
    change_set = named(store, request)
    if change_set.execution_status != "AVAILABLE":
        raise InvalidChangeSetStatus(
            f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]"
        )
    stack = store.stacks[change_set.stack_id]
    desired = goal(stack, parsed(change_set.template), change_set.parameters, change_set.tags)
    take_over(
        stack,
        {
            "Capabilities": change_set.capabilities,
            "NotificationARNs": change_set.notification_arns,
            "RoleARN": change_set.role_arn,
            "DisableRollback": request.get("DisableRollback"),
        },
    )
    change_set.execution_status = "EXECUTE_IN_PROGRESS"
    stack.change_set_id = change_set.id
    if change_set.kind == "CREATE":
        stack.created = now()
    on_failure = change_set.on_failure or ("DO_NOTHING" if stack.disable_rollback else "ROLLBACK")
    Deployment(store, stack, desired, change_set.kind, policy=stack.policy).run(on_failure)
    succeeded = stack.status == f"{change_set.kind}_COMPLETE"
    change_set.execution_status = "EXECUTE_COMPLETE" if succeeded else "EXECUTE_FAILED"
    for other in of_stack(store, stack):  # they were worked out against what is no more
        if other is not change_set and other.execution_status == "AVAILABLE":
            other.execution_status = "OBSOLETE"


def remove(store: Stacks, request: Request) -> None:
    """Forget a change set; one that is not there is fine, as on AWS."""
    try:
        change_set = named(store, request)
    except ChangeSetNotFound:
        return
    del store.change_sets[change_set.id]
