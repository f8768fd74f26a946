"""The preview of a pull request, by the commands that its workflow calls, in a fork that has a champion."""

import json
import re
from typing import Any

from headrace_aws.testing.forks import Fork

STACK = "fork-toy-pr-12-pipelines"


def test_a_preview_comes_and_goes_with_its_pull_request(trained: Fork) -> None:
    """It trains on a sample, is judged against the champion, is renewed in place, and leaves nothing behind."""
    fork = trained
    before = everything(fork)

    made = fork.command("preview", "create", "--pull", "12")
    assert made.returncode == 0, made.stdout + made.stderr
    section = (fork.root / "dist" / "preview.md").read_text()
    assert section.startswith("### Preview of `toy`: refused by the gate\n")
    assert "the newest 200 of 2,000 rows of `visits`" in section
    assert "| **failed** | log_loss not worse than the champion's by more than 0.01 |" in section
    assert "toy-pr-12/runs/training/" in section
    raw = fork.object("toy/raw/visits.csv").splitlines()
    assert fork.object("toy-pr-12/raw/visits.csv").splitlines() == [raw[0], *raw[-200:]]
    assert [copy["ModelApprovalStatus"] for copy in versions(fork)] == ["Approved"]

    # A commit that cannot be trained: so few rows that nothing is left to split.
    text = (fork.root / "project.toml").read_text()
    (fork.root / "project.toml").write_text(with_sample(text, 0.001))
    failed = fork.command("preview", "create", "--pull", "12")
    assert failed.returncode == 1, failed.stdout + failed.stderr
    section = (fork.root / "dist" / "preview.md").read_text()
    assert section.startswith("### Preview of `toy`: the run failed\n")
    assert "States.TaskFailed:\n\n```\n" in section
    assert "rows" in section.partition("```")[2], section

    # Another one: other settings, and a model that its gate lets pass waits, so the champion stays to be beaten.
    lenient_gate = "gate = { floor = { roc_auc = 0.5 }, champion_tolerance = { log_loss = 9 } }"
    lowered = re.sub(r"^gate = .*$", lenient_gate, text, count=1, flags=re.MULTILINE)
    (fork.root / "project.toml").write_text(with_sample(lowered, 0.5))
    renewed = fork.command("preview", "create", "--pull", "12")
    assert renewed.returncode == 0, renewed.stdout + renewed.stderr
    assert "Modify  TrainingStateMachine" in renewed.stdout
    section = (fork.root / "dist" / "preview.md").read_text()
    assert section.startswith("### Preview of `toy`: passes the gate\n")
    assert "the newest 1,000 of 2,000 rows" in section
    assert sorted(each["ModelApprovalStatus"] for each in versions(fork)) == [
        "Approved",
        "PendingManualApproval",
    ]

    assert "pull request 12: stays" in fork.command("preview", "sweep", "--open", "11,12").stdout
    swept = fork.command("preview", "sweep", "--open", "11")
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert f"deleted stack {STACK}" in swept.stdout
    assert everything(fork) == before
    again = fork.command("preview", "remove", "--pull", "12")
    assert again.stdout == "preview toy-pr-12: nothing is left of it\n"


def test_a_preview_that_cannot_be_made_says_so_in_the_comment(fork: Fork) -> None:
    """The command fails before anything changes, and whoever reads the pull request learns why."""
    settings = fork.root / "project.toml"
    settings.write_text(settings.read_text().replace("models.toy", "models.toy-with-a-long-name"))
    refused = fork.command("preview", "create", "--pull", "12")
    assert refused.returncode == 2
    section = (fork.root / "dist" / "preview.md").read_text()
    assert section.startswith(
        "### Preview of `toy-with-a-long-name`: could not be created\n\n```\na preview of toy-with-a-long-name would be named"
    )
    assert "and may be 24; shorten the model's name" in refused.stderr


def with_sample(project: str, share: float) -> str:
    """Return project.toml with a share of the rows for previews."""
    return project.replace("[environments", f"[models.toy.preview]\nsample = {share}\n\n[environments", 1)


def versions(fork: Fork) -> list[dict[str, Any]]:
    """Return the versions in the preview's registry group."""
    found = fork.client("sagemaker").list_model_packages(ModelPackageGroupName="fork-toy-pr-12")
    return list(found["ModelPackageSummaryList"])


def everything(fork: Fork) -> dict[str, list[str]]:
    """Return the names of all that a preview could leave behind, whatever it belongs to."""
    logs = fork.client("logs")
    objects = fork.client("s3").list_object_versions(Bucket=fork.bucket)
    items = fork.client("dynamodb").scan(TableName="fork-runs")["Items"]
    found = {
        "stacks": [stack["StackName"] for stack in fork.client("cloudformation").describe_stacks()["Stacks"]],
        "machines": [
            machine["name"] for machine in fork.client("stepfunctions").list_state_machines()["stateMachines"]
        ],
        "roles": [role["RoleName"] for role in fork.client("iam").list_roles()["Roles"]],
        "policies": [
            policy["PolicyName"] for policy in fork.client("iam").list_policies(Scope="Local")["Policies"]
        ],
        "groups": [
            group["ModelPackageGroupName"]
            for group in fork.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"]
        ],
        "log groups": [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]],
        "log streams": [
            stream["logStreamName"]
            for job in ("ProcessingJobs", "TrainingJobs")
            for stream in logs.describe_log_streams(logGroupName=f"/aws/sagemaker/{job}")["logStreams"]
        ],
        "objects": [
            version["Key"] for kind in ("Versions", "DeleteMarkers") for version in objects.get(kind, [])
        ],
        "items": [json.dumps([item["model"], item["run"]]) for item in items],
    }
    return {kind: sorted(each) for kind, each in found.items()}
