"""What runs by hand and by night: a training in an environment, and the search for drift."""

import json

from headrace_aws.testing.repository import push
from headrace_aws.testing.stand_ins.github_api import WRITES
from headrace_aws.testing.team import Team
from headrace_aws.testing.workflow_runs import Event, Run


def test_a_run_by_hand_takes_its_settings_as_they_are_given(team: Team) -> None:
    """What the form holds reaches the run unharmed: a gate that nothing passes refuses, what cannot be is reported."""
    refused = by_hand(team, json.dumps({"gate": {"floor": {"roc_auc": 0.99}}}))
    assert refused.jobs == {"run": "failure"}
    assert "roc_auc" in refused.output, refused.output
    command = "'; touch escaped; echo '$(touch escaped)$(shell touch escaped)`touch escaped`"
    for given in ({"given": command}, {"model": command}):
        told = by_hand(team, **given)
        assert told.jobs == {"run": "failure"}
    assert not list(team.folder.rglob("escaped"))


def test_what_was_changed_by_hand_in_an_account_becomes_an_issue(team: Team) -> None:
    """The nightly check reads both accounts, and opens one issue for the one that is not as its stacks say."""
    logs = team.client("logs", "dev")
    [*_, group] = logs.describe_log_groups(logGroupNamePrefix="/aws/vendedlogs/states/fork-toy")["logGroups"]
    clean = team.schedule("drift.yml")
    assert clean.jobs == {"drift": "success"}, clean.output
    logs.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=1)
    for _ in range(2):
        drifted = team.schedule("drift.yml")
        assert drifted.jobs == {"drift": "failure"}, drifted.output
    [issue] = team.api.issues.values()
    assert issue["title"] == "dev has drifted from its stacks, or could not be checked"
    assert "RetentionInDays" in issue["body"]
    assert len(team.api.comments_of(issue["number"])) == 1


def by_hand(team: Team, given: str = "", model: str = "all") -> Run:
    """Run a training in dev from the form of retrain.yml."""
    inputs = {"environment": "dev", "pipeline": "training", "model": model, "input": given}
    payload = {**push(team.root), "inputs": inputs}
    return team.run("retrain.yml", Event("workflow_dispatch", payload, WRITES))
