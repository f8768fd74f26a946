"""Two commands at once on one stack or one environment: each ends, in success or in one line that names the other."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from rendered_projects import PROJECT, rendered_in

from headrace.errors import HeadraceError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.deploy.deployment import deploy
from headrace_aws.release.deployment_lock import local_lock
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks import stack_status
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack, planned_changes
from headrace_aws.stacks.deployed import deployed_stack
from headrace_aws.teardown.destroy import destroy
from headrace_local.errors import LocalAwsError
from headrace_local.exclusive import exclusive
from headrace_local.testing import LocalAws

MODEL = next(iter(PROJECT.models))
OVERTAKEN = ("another command", "another deployment is running")
TEMPLATE = "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: %s, DelaySeconds: %d}}}"


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws) -> AwsSession:
    made = aws_session(PROJECT, LOCAL, local_aws.home)
    made.client("cloudformation")  # boto3 makes clients in one thread only
    return made


def at_once(*actions: Callable[[], object]) -> list[str]:
    """Do all at the same moment; return how each ended: an empty text, or its error."""
    together = threading.Barrier(len(actions))

    def act(action: Callable[[], object]) -> str:
        together.wait(10)
        try:
            action()
        except (HeadraceError, LocalAwsError) as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(len(actions)) as threads:
        return [done.result(60) for done in [threads.submit(act, action) for action in actions]]


def deploys(aws: AwsSession, stack: DesiredStack) -> None:
    deploy_stack(aws, stack, lambda _: None)


def plans(aws: AwsSession, stack: DesiredStack) -> None:
    planned_changes(aws.client("cloudformation"), stack)


def deletes(aws: AwsSession, stack: DesiredStack) -> None:
    if found := deployed_stack(aws, stack.name):
        stack_status.delete(aws, found)


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize(
    ("is_there", "actions"),
    [
        (False, (deploys, deploys)),
        (False, (deploys, deploys, deploys)),
        (True, (deploys, deploys)),
        (True, (deploys, plans)),
        (True, (plans, plans)),
        (True, (deploys, deletes)),
        (True, (plans, deletes)),
        (True, (deletes, deletes)),
        (True, (deploys, deploys, plans, plans)),
        (True, (deploys, plans, deletes)),
    ],
)
def test_two_on_one_stack_both_end(
    aws: AwsSession,
    is_there: bool,  # noqa: FBT001 - of the table
    actions: tuple[Callable[[AwsSession, DesiredStack], None], ...],
    attempt: int,  # noqa: ARG001 - which of them is faster is chance
    tmp_path: Path,
) -> None:
    """Without any lock, each ends well or says in one line that another command was faster; at least one ends well."""
    name = f"s{uuid4().hex[:9]}"
    files = [tmp_path / f"{number}.yaml" for number in range(len(actions) + 1)]
    for number, file in enumerate(files):
        file.write_text(TEMPLATE % (name, number))
    former, *stacks = (DesiredStack(name, file, {}, {}) for file in files)
    if is_there:
        deploys(aws, former)
    ends = at_once(
        *(
            lambda action=action, stack=stack: action(aws, stack)  # type: ignore[misc]
            for action, stack in zip(actions, stacks, strict=True)
        )
    )
    assert "" in ends
    for end in filter(None, ends):
        assert any(words in end for words in OVERTAKEN), end
        assert name in end
        assert "\n" not in end


def test_a_deploy_and_a_destroy_wait_for_each_other(aws: AwsSession, tmp_path: Path) -> None:
    """With the lock of the local AWS both end well, one after the other."""
    project = PROJECT.model_copy(update={"name": f"t{uuid4().hex[:9]}"})
    release = rendered_in(tmp_path, project)
    deploys(aws, DesiredStack(naming.network_stack(project), _template(tmp_path), {}, {}))
    said: list[str] = []

    def deploy_with_lock() -> None:
        assert aws.home
        with local_lock(aws.home, "`make deploy`", said.append):
            deploy(aws, release, MODEL, lambda _: None)

    def destroy_all() -> None:
        destroy(aws, project, LOCAL, lambda _: None, everything=True)

    assert at_once(deploy_with_lock, destroy_all) == ["", ""]
    destroy_all()


def _template(folder: Path) -> Path:
    file = folder / "network.yaml"
    file.write_text(TEMPLATE % (f"q{uuid4().hex}", 0))
    return file


def test_a_lock_names_its_holder(tmp_path: Path) -> None:
    """Who waits too long is told who has it, since when, and for how long it was waited; afterwards it is free."""
    file, said = tmp_path / "lock", []
    with (
        exclusive(file, "`make deploy`", 0, said.append),
        pytest.raises(
            LocalAwsError,
            match=r"^`make deploy` \(process \d+, since .*\) is still at work after 0 minutes",
        ),
        exclusive(file, "`make destroy`", 0, said.append),
    ):
        pass
    with exclusive(file, "`make destroy`", 0, said.append):
        assert file.read_text().startswith("`make destroy` (process ")
    assert said == []
