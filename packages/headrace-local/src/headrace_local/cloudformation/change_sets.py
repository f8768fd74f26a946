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


def create(kept: Stacks, request: Request, account: str, region: str) -> ChangeSet:
    """Keep a new change set; of the type CREATE it brings a stack of its own, in REVIEW_IN_PROGRESS."""
    check_name(request["ChangeSetName"], "changeSetName")
    kind = request.get("ChangeSetType", "UPDATE")
    present = find(kept, request["StackName"])
    if kind == "CREATE":
        if present is not None and present.status != "REVIEW_IN_PROGRESS":
            raise AlreadyExistsException(
                f"Stack [{request['StackName']}] already exists and cannot be created again with the "
                f"changeSet [{request['ChangeSetName']}]"
            )
        stack = present or new_stack(request, account, region)
    elif kind == "UPDATE":
        stack = stack_named(kept, request["StackName"])
        check_updatable(stack)
    else:
        raise invalid(f"ChangeSetType {kind} is not known to the local AWS; it knows CREATE and UPDATE")
    check_role(request.get("RoleARN"), account)
    if any(each.name == request["ChangeSetName"] for each in of_stack(kept, stack)):
        raise AlreadyExistsException(f"ChangeSet {request['ChangeSetName']} already exists")
    wanted = goal_of(request, stack, template_of(request, account, region, stack))
    change_set = _made(request, stack, wanted)
    _plan(kept, stack, wanted, change_set)
    if stack.id not in kept.stacks:
        kept.stacks[stack.id] = stack
        set_stack_status(stack, "REVIEW_IN_PROGRESS", "User Initiated")
    kept.change_sets[change_set.id] = change_set
    return change_set


def check_updatable(stack: Stack) -> None:
    """Raise ValidationError when the stack is in a state that allows no update."""
    if stack.status not in UPDATABLE:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def _made(request: Request, stack: Stack, wanted: Goal) -> ChangeSet:
    name = request["ChangeSetName"]
    return ChangeSet(
        id=f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{name}/{uuid4()}",
        name=name,
        stack_id=stack.id,
        kind=request.get("ChangeSetType", "UPDATE"),
        description=request.get("Description"),
        template=wanted.template.text,
        parameters=dict(wanted.parameters),
        tags=dict(wanted.tags),
        capabilities=request.get("Capabilities", []),
        notification_arns=request.get("NotificationARNs", []),
        role_arn=request.get("RoleARN"),
        on_failure=request.get("OnStackFailure"),
    )


def _plan(kept: Stacks, stack: Stack, wanted: Goal, change_set: ChangeSet) -> None:
    try:
        planned = plan(kept, stack, wanted)
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


def of_stack(kept: Stacks, stack: Stack) -> list[ChangeSet]:
    """Return the change sets of a stack, the oldest first."""
    return [each for each in kept.change_sets.values() if each.stack_id == stack.id]


def named(kept: Stacks, request: Request) -> ChangeSet:
    """Return the change set of a name (with its stack's) or of an ARN."""
    name = request["ChangeSetName"]
    if name in kept.change_sets:
        return kept.change_sets[name]
    if "StackName" in request:
        stack = stack_named(kept, request["StackName"], deleted=True)
        for each in of_stack(kept, stack):
            if each.name == name:
                return each
    raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")


def execute(kept: Stacks, request: Request) -> None:
    """Carry a change set out. Whether it succeeded, the stack's status tells."""
    change_set = named(kept, request)
    if change_set.execution_status != "AVAILABLE":
        raise InvalidChangeSetStatus(
            f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]"
        )
    stack = kept.stacks[change_set.stack_id]
    wanted = goal(stack, parsed(change_set.template), change_set.parameters, change_set.tags)
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
    Deployment(kept, stack, wanted, change_set.kind, policy=stack.policy).run(on_failure)
    succeeded = stack.status == f"{change_set.kind}_COMPLETE"
    change_set.execution_status = "EXECUTE_COMPLETE" if succeeded else "EXECUTE_FAILED"
    for other in of_stack(kept, stack):  # they were worked out against what is no more
        if other is not change_set and other.execution_status == "AVAILABLE":
            other.execution_status = "OBSOLETE"


def remove(kept: Stacks, request: Request) -> None:
    """Forget a change set; one that is not there is fine, as on AWS."""
    try:
        change_set = named(kept, request)
    except ChangeSetNotFound:
        return
    del kept.change_sets[change_set.id]
