"""A merge, from the release to production, by the real workflow files."""

import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest

from headrace_aws.testing.repository import clone, git, push
from headrace_aws.testing.stand_ins.github_api import WRITES
from headrace_aws.testing.team import ACCOUNTS, Team
from headrace_aws.testing.workflow_runs import Event, Run

WELL = {"release": "success", "dev": "success", "prod": "success"}


def test_a_merge_ends_in_prod_with_the_same_release_in_both_accounts(team: Team, merged: Run) -> None:
    """One release is built, deployed to dev, trained, predicted and checked there, and goes to prod unchanged."""
    assert merged.jobs == WELL, merged.output
    commit = git(team.root, "rev-parse", "HEAD")
    release = f"000002-{commit[:12]}"
    newest = {environment: team.deployments(environment)[-1] for environment in ACCOUNTS}
    for environment, deployed in newest.items():
        assert (deployed["release"], deployed["status"]) == (release, "deployed")
        assert f"{ACCOUNTS[environment]}:assumed-role/fork-deploy/GitHubActions" in deployed["who"]
        assert deployed["run"] == "https://github.com/your-org/fork/actions/runs/1/attempts/1"
        assert image(team, environment, deployed["image_digest"])
    assert newest["dev"]["image_digest"] == newest["prod"]["image_digest"]
    assert newest["dev"]["manifest_hash"] == newest["prod"]["manifest_hash"]
    files = {environment: team.objects(environment, f"releases/{release}/") for environment in ACCOUNTS}
    # What dev keeps beside it is how its model scores, which prod compares.
    assert {key: text for key, text in files["dev"].items() if "/golden/" not in key} == files["prod"]
    assert (
        (merged.store / "attested")
        .read_text()
        .startswith(hashlib.sha256(files["prod"][f"releases/{release}/release.json"]).hexdigest())
    )


@pytest.mark.usefixtures("merged")
def test_a_release_that_fails_its_smoke_check_in_prod_is_taken_back(team: Team) -> None:
    """Code that asks where it runs scores in dev and fails in prod: the former release is back, and an issue tells."""
    good = team.deployments("prod")[-1]
    before = machines(team, "prod")
    team.edit(
        "src/toy/model.py", "from headrace import boosting\n", "from headrace import boosting, container\n"
    )
    sound = "        return boosting.restore(folder)\n"
    asks = f"""        job = container.base() / "config" / "processingjobconfig.json"
        if job.exists() and "{ACCOUNTS['prod']}" in job.read_text():
            raise ValueError("not in prod")
"""
    team.edit("src/toy/model.py", sound, asks + sound)
    team.commit("Ask where it runs")
    done = team.push()
    team.edit("src/toy/model.py", asks, "")
    assert done.jobs == {"release": "success", "dev": "success", "prod": "failure"}, done.output
    *_, bad, back = team.deployments("prod")
    assert (bad["release"][:6], bad["status"]) == ("000003", "deployed")
    assert (back["release"], back["status"]) == (good["release"], "rolled-back")
    assert machines(team, "prod") == before
    [issue] = [each for each in team.api.issues.values() if bad["release"] in each["title"]]
    assert issue["title"] == f"Release {bad['release']} failed in prod"
    assert "https://github.com/your-org/fork/actions/runs/1" in issue["body"]


@pytest.mark.usefixtures("merged")
def test_a_bad_merge_stops_in_dev_and_never_reaches_prod(team: Team) -> None:
    """A merge whose model the gate refuses ends in dev: nothing of prod is touched, and nobody is asked to approve."""
    before = team.deployments("prod"), machines(team, "prod")
    team.edit("project.toml", "roc_auc = 0.55", "roc_auc = 0.99")
    team.commit("Ask for too much")
    done = team.push()
    team.edit("project.toml", "roc_auc = 0.99", "roc_auc = 0.55")
    assert done.ended("dev") == "failure", done.output
    assert done.ended("prod") == "skipped"
    assert f"{ACCOUNTS['dev']}:role/" in done.output, "so the next line can fail"
    assert f"{ACCOUNTS['prod']}:role/" not in done.output
    assert (team.deployments("prod"), machines(team, "prod")) == before


@pytest.mark.usefixtures("merged")
def test_two_merges_in_quick_succession_arrive_in_their_order(team: Team, tmp_path: Path) -> None:
    """The second is built while the first is on its way, and overtakes it nowhere: prod gets both, the later one last."""
    clones = []
    for rounds in (42, 43):
        team.edit("src/toy/model.py", f"max_rounds: int = {rounds - 1}", f"max_rounds: int = {rounds}")
        team.commit(f"Let {rounds} trees grow")
        clones.append(clone(team.root, tmp_path / str(rounds)))
    runs: list[Any] = [None, None]

    def merge(which: int) -> None:
        runs[which] = team.run("deploy.yml", Event("push", push(clones[which]), WRITES), clones[which])

    threads = [threading.Thread(target=merge, args=(which,)) for which in range(2)]
    begun = len(team.turns.given)
    threads[0].start()
    assert team.turns.wait_for_number(begun + 1)  # GitHub got the first push first
    threads[1].start()
    for thread in threads:
        thread.join()
    assert [run.jobs for run in runs] == [WELL, WELL], "\n".join(run.output for run in runs)
    first, second = (str(run.store) for run in runs)
    given = team.turns.given[begun:]
    assert given.index(("release", second)) < given.index(("prod", first)), "one waited for the whole other"
    for environment in ACCOUNTS:
        assert [run for group, run in given if group == environment] == [first, second]
        commits = [deployed["commit"] for deployed in team.deployments(environment)[-2:]]
        assert commits == [git(each, "rev-parse", "HEAD") for each in clones]


@pytest.mark.usefixtures("merged")
def test_where_nobody_can_approve_a_pull_request_promotes(team: Team) -> None:
    """With PROMOTION=pull-request a merge ends in dev and in a pull request, whose merge brings this very release to prod."""
    team.edit("src/toy/model.py", "early_stopping_rounds: int = 10", "early_stopping_rounds: int = 11")
    commit = team.commit("Stop a round later")
    done = team.push(PROMOTION="pull-request")
    assert done.jobs == {"release": "success", "dev": "success", "pull-request": "success"}, done.output
    release = team.deployments("dev")[-1]["release"]
    assert team.deployments("prod")[-1]["release"] != release
    [pull] = [each for each in team.api.pulls.values() if each.get("title")]
    assert (pull["title"], pull["base"]["ref"], pull["head"]["ref"]) == (
        f"Release {release} to production",
        "production",
        "main",
    )
    git(team.root, "update-ref", "refs/remotes/origin/main", commit)
    git(team.root, "checkout", "--quiet", "-b", "production", "HEAD~1")
    git(team.root, "merge", "--quiet", "--no-ff", "--message", pull["title"], "main")
    try:
        promoted = team.push("promote.yml", "production")
    finally:
        git(team.root, "checkout", "--quiet", "main")
    assert promoted.jobs == {"release": "success", "prod": "success"}, promoted.output
    deployed = team.deployments("prod")[-1]
    assert (deployed["release"], deployed["status"]) == (release, "deployed")


def machines(team: Team, environment: str) -> dict[str, str]:
    """Return what each state machine in an account does."""
    states = team.client("stepfunctions", environment)
    arns = [each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"]]
    return {arn: states.describe_state_machine(stateMachineArn=arn)["definition"] for arn in arns}


def image(team: Team, environment: str, digest: str) -> Any:
    """Return how an account's repository describes an image."""
    ecr = team.client("ecr", environment)
    return ecr.describe_images(repositoryName="fork", imageIds=[{"imageDigest": digest}])["imageDetails"]
