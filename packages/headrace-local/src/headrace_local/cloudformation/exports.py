"""Values that one stack exports and others import, within one account and region."""

from collections.abc import Iterable

from headrace_local.cloudformation.errors import invalid
from headrace_local.cloudformation.state import Output, Stack, Stacks


def exporters(store: Stacks) -> dict[str, tuple[Stack, Output]]:
    """Return each export's name with its stack and output."""
    return {
        output.export: (stack, output)
        for stack in store.stacks.values()
        if stack.deleted is None
        for output in stack.outputs
        if output.export is not None
    }


def value_of(store: Stacks, name: str) -> str:
    """Return an exported value; raise ValidationError when nothing exports that name."""
    found = exporters(store).get(name)
    if found is None:
        raise invalid(f"No export named {name} found.")
    return found[1].value


def importers(store: Stacks, name: str) -> list[Stack]:
    """Return the stacks that import a name."""
    return [stack for stack in store.stacks.values() if stack.deleted is None and name in stack.imports]


def check_free(store: Stacks, stack: Stack, outputs: Iterable[Output]) -> None:
    """Raise ValidationError when another stack exports one of the names."""
    taken = exporters(store)
    for output in outputs:
        if output.export in taken and taken[output.export][0] is not stack:
            raise invalid(
                f"Export with name {output.export} is already exported by stack {taken[output.export][0].name}"
            )


def check_unused(store: Stacks, stack: Stack, outputs: Iterable[Output]) -> None:
    """Raise ValidationError when an export of the stack that others import would go or change."""
    after = {output.export: output.value for output in outputs if output.export is not None}
    for output in stack.outputs:
        if output.export is None or after.get(output.export) == output.value:
            continue
        users = ", ".join(user.name for user in importers(store, output.export) if user is not stack)
        if users and output.export in after:
            raise invalid(f"Cannot update export {output.export} as it is in use by {users}")
        if users:
            raise invalid(f"Export {output.export} cannot be deleted as it is in use by {users}")
