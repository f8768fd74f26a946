"""Held against a release: what is deployed on the local AWS, whole and with one thing changed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from rendered_projects import rendered_in

from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import load_project
from headrace_aws.deploy.deployment import deploy
from headrace_aws.release.manifest import Release
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.smoke.check import Check
from headrace_aws.smoke.deployed import deployed_checks, substituted
from headrace_local.testing import LocalAws

PROJECT = load_project()
MODEL = next(iter(PROJECT.models))


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """The work tree, under a project name of its own."""
    return rendered_in(tmp_path / "release", PROJECT.model_copy(update={"name": f"t{uuid4().hex[:9]}"}))


@pytest.fixture
def aws(local_aws: LocalAws, release: Release) -> AwsSession:
    made = aws_session(release.project, LOCAL, local_aws.home)
    deploy(made, release, MODEL, lambda _: None)
    return made


def checks(aws: AwsSession, release: Release) -> dict[str, Check]:
    return {check.subject: check for check in deployed_checks(aws, release, MODEL)}


def test_what_was_deployed_is_the_release(aws: AwsSession, release: Release) -> None:
    """Of a deployment that nobody touched every check passes, with one line each."""
    made = checks(aws, release)
    assert {check.result for check in made.values()} == {"passed"}
    assert len(made) == 6
    assert all("\n" not in check.details for check in made.values())


def test_nothing_deployed_is_reported_of_each(aws: AwsSession, release: Release) -> None:
    """Where there is nothing, each check fails, with the command that mends it."""
    nothing = Release(release.folder, release.project.model_copy(update={"name": f"t{uuid4().hex[:9]}"}))
    made = checks(aws, nothing)
    assert {check.result for check in made.values()} == {"failed"}
    assert {check.remedy for check in made.values()} == {"make deploy ENV=local"}


def test_what_was_changed_by_hand_is_reported(aws: AwsSession, release: Release) -> None:
    """Each thing changed fails the check of its kind, which names it."""
    states = aws.client("stepfunctions")

    def redefine(pipeline: str, change: Callable[[str], str]) -> None:
        arn = naming.state_machine_arn(release.project, aws.environment, MODEL, pipeline)
        before = states.describe_state_machine(stateMachineArn=arn)["definition"]
        assert change(before) != before
        states.update_state_machine(stateMachineArn=arn, definition=change(before))

    redefine("training", lambda before: json.dumps(json.loads(before) | {"Comment": "Changed."}))
    redefine("inference", lambda before: before.replace(release.commit, "0ff"))
    aws.client("events").enable_rule(Name=f"{release.project.name}-{MODEL}-drift")
    group = naming.pipelines_log_group(release.project, MODEL)
    aws.client("logs").put_retention_policy(logGroupName=group, retentionInDays=1)
    failed = {name: check.details for name, check in checks(aws, release).items() if check.result == "failed"}
    assert set(failed) == {"state machines", "automation", "logs"}
    assert "training does something else than the work tree has" in failed["state machines"]
    assert "inference has GitCommit 0ff, and the work tree has" in failed["state machines"]
    assert "rule drift is ENABLED, and should be DISABLED" in failed["automation"]
    assert f"-{MODEL} keeps 1 days" in failed["logs"]


def test_a_stack_of_another_release_is_reported(aws: AwsSession, release: Release, tmp_path: Path) -> None:
    """Parameters and template of each stack are the release's: each that is not is named."""
    environment = aws.environment.model_copy(update={"automation": True})
    wanting = AwsSession(aws.name, environment, aws.session, aws.config, aws.endpoint)
    automation = checks(wanting, release)[f"stack {naming.automation_stack(release.project, MODEL)}"]
    assert "Automation is DISABLED, and the work tree wants ENABLED" in automation.details

    other = shutil.copytree(release.folder, tmp_path / "other")
    data = other / "infra/stacks/data.yaml"
    data.write_text(data.read_text() + "# Another.\n")
    made = checks(aws, Release(other, release.project))
    assert "its template is not that of" in made[f"stack {naming.data_stack(release.project)}"].details


def test_a_placeholder_stands_for_one_value() -> None:
    """A definition is found again with its values filled in, each the same wherever its name stands."""
    wanted = '{"Image": "${ImageUri}", "Again": "a ${ImageUri}", "Key": "${KeyArn}"}'
    same = '{"Again": "a mill:1", "Image": "mill:1", "Key": "k"}'
    assert substituted(wanted, same) == {"ImageUri": "mill:1", "KeyArn": "k"}
    assert substituted(wanted, same.replace("a mill:1", "a mill:2")) is None
    assert substituted(wanted, same.replace('"Key"', '"Lock"')) is None
