"""Held against a release: what is deployed on the local AWS, whole and with one thing changed."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.config.root import project_root
from headrace_aws.deploy.deployment import deploy
from headrace_aws.release.manifest import Release, work_tree
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.smoke.check import Check
from headrace_aws.smoke.deployed import deployed_checks, substituted
from headrace_local.testing import LocalAws

ROOT = project_root()

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))


@pytest.fixture(scope="module")
def release() -> Release:
    """The work tree, under a project name of its own."""
    return work_tree(ROOT, PROJECT.model_copy(update={"name": f"t{uuid4().hex[:9]}"}))


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws, release: Release) -> AwsSession:
    made = aws_session(release.project, LOCAL, local_aws.home)
    deploy(made, release, MODEL, lambda _: None)
    return made


def checks(aws: AwsSession, release: Release) -> dict[str, Check]:
    return {check.asked: check for check in deployed_checks(aws, release, MODEL)}


def machine(aws: AwsSession, release: Release) -> str:
    return naming.state_machine_arn(release.project, aws.environment, MODEL, "training")


def test_what_was_deployed_is_the_release(aws: AwsSession, release: Release) -> None:
    """Of a deployment that nobody touched every check passes, with one line each."""
    made = checks(aws, release)
    assert {check.result for check in made.values()} == {"passed"}
    assert len(made) == 6
    assert all("\n" not in check.found for check in made.values())


def test_nothing_deployed_is_told_of_each(aws: AwsSession, release: Release) -> None:
    """Where there is nothing, each check fails, with the command that mends it."""
    nothing = Release(ROOT, release.project.model_copy(update={"name": f"t{uuid4().hex[:9]}"}))
    made = checks(aws, nothing)
    assert {check.result for check in made.values()} == {"failed"}
    assert {check.remedy for check in made.values()} == {"make deploy ENV=local"}


def other_definition(aws: AwsSession, release: Release) -> Callable[[], object]:
    """Change what the training pipeline does; return what puts it back."""
    states, arn = aws.client("stepfunctions"), machine(aws, release)
    before = states.describe_state_machine(stateMachineArn=arn)["definition"]
    states.update_state_machine(
        stateMachineArn=arn, definition=json.dumps(json.loads(before) | {"Comment": "Changed."})
    )
    return lambda: states.update_state_machine(stateMachineArn=arn, definition=before)


def other_commit(aws: AwsSession, release: Release) -> Callable[[], object]:
    """Let the training pipeline name another commit; return what puts it back."""
    states, arn = aws.client("stepfunctions"), machine(aws, release)
    before = states.describe_state_machine(stateMachineArn=arn)["definition"]
    assert release.commit in before
    states.update_state_machine(stateMachineArn=arn, definition=before.replace(release.commit, "0ff"))
    return lambda: states.update_state_machine(stateMachineArn=arn, definition=before)


def enabled_rule(aws: AwsSession, release: Release) -> Callable[[], object]:
    """Enable a rule; return what disables it."""
    events, name = aws.client("events"), f"{release.project.name}-{MODEL}-drift"
    events.enable_rule(Name=name)
    return lambda: events.disable_rule(Name=name)


def shorter_logs(aws: AwsSession, release: Release) -> Callable[[], object]:
    """Keep a log for a day; return what puts it back."""
    logs, name = aws.client("logs"), naming.pipelines_log_group(release.project, MODEL)
    logs.put_retention_policy(logGroupName=name, retentionInDays=1)
    return lambda: logs.put_retention_policy(
        logGroupName=name, retentionInDays=aws.environment.logs_retention_in_days
    )


@pytest.mark.parametrize(
    ("change", "asked", "told"),
    [
        (other_definition, "state machines", "training does something else than the work tree has"),
        (other_commit, "state machines", "training has GitCommit 0ff, and the work tree has"),
        (enabled_rule, "automation", "rule drift is ENABLED, and should be DISABLED"),
        (shorter_logs, "logs", f"-{MODEL} keeps 1 days"),
    ],
)
def test_what_was_changed_by_hand_is_told(
    aws: AwsSession,
    release: Release,
    change: Callable[[AwsSession, Release], Callable[[], object]],
    asked: str,
    told: str,
) -> None:
    """One thing changed fails one check, which names it."""
    put_back = change(aws, release)
    try:
        made = checks(aws, release)
    finally:
        put_back()
    assert [name for name, check in made.items() if check.result == "failed"] == [asked]
    assert told in made[asked].found


def test_a_stack_of_another_release_is_told(aws: AwsSession, release: Release, tmp_path: Path) -> None:
    """Parameters and template of each stack are the release's: each that is not is named."""
    environment = aws.environment.model_copy(update={"automation": True})
    wanting = AwsSession(aws.name, environment, aws.session, aws.config, aws.endpoint)
    automation = checks(wanting, release)[f"stack {naming.automation_stack(release.project, MODEL)}"]
    assert "Automation is DISABLED, and the work tree wants ENABLED" in automation.found

    for folder in ("infra/stacks", "dist/definitions"):
        (tmp_path / folder).mkdir(parents=True)
        for file in (ROOT / folder).iterdir():
            (tmp_path / folder / file.name).write_bytes(file.read_bytes())
    data = tmp_path / "infra/stacks/data.yaml"
    data.write_text(data.read_text() + "# Another.\n")
    made = checks(aws, Release(tmp_path, release.project))
    assert "its template is not that of" in made[f"stack {naming.data_stack(release.project)}"].found


def test_a_placeholder_stands_for_one_value() -> None:
    """A definition is found again with its values filled in, each the same wherever its name stands."""
    wanted = '{"Image": "${ImageUri}", "Again": "a ${ImageUri}", "Key": "${KeyArn}"}'
    same = '{"Again": "a mill:1", "Image": "mill:1", "Key": "k"}'
    assert substituted(wanted, same) == {"ImageUri": "mill:1", "KeyArn": "k"}
    assert substituted(wanted, same.replace("a mill:1", "a mill:2")) is None
    assert substituted(wanted, same.replace('"Key"', '"Lock"')) is None
