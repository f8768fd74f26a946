"""Merges on their way from dev to production, by the real workflow files."""

import threading
from pathlib import Path
from typing import Any

from headrace_aws.testing.repository import clone, git, push
from headrace_aws.testing.stand_ins.github_api import WRITES
from headrace_aws.testing.team import ACCOUNTS, Team
from headrace_aws.testing.workflow_runs import Event

WELL = {"release": "success", "dev": "success", "prod": "success"}


def test_a_release_that_fails_its_smoke_check_in_prod_is_taken_back(merged: Team) -> None:
    """Code that asks where it runs scores in dev and fails in prod: the former release is back, and an issue tells."""
    good = merged.deployments("prod")[-1]
    before = machines(merged, "prod")
    merged.edit(
        "src/toy/model.py", "from headrace import boosting\n", "from headrace import boosting, container\n"
    )
    sound = "        return boosting.restore(folder)\n"
    asks = f"""        job = container.base() / "config" / "processingjobconfig.json"
        if job.exists() and "{ACCOUNTS['prod']}" in job.read_text():
            raise ValueError("not in prod")
"""
    merged.edit("src/toy/model.py", sound, asks + sound)
    merged.commit("Ask where it runs")
    done = merged.push()
    assert done.jobs == {"release": "success", "dev": "success", "prod": "failure"}, done.output
    *_, bad, back = merged.deployments("prod")
    assert (bad["release"][:6], bad["status"]) == ("000003", "deployed")
    assert (back["release"], back["status"]) == (good["release"], "rolled-back")
    assert machines(merged, "prod") == before
    [issue] = merged.api.issues.values()
    assert issue["title"] == f"Release {bad['release']} failed in prod"
    assert "https://github.com/your-org/fork/actions/runs/1" in issue["body"]


def test_a_bad_merge_stops_in_dev_and_never_reaches_prod(merged: Team) -> None:
    """A merge whose model the gate refuses ends in dev: nothing of prod is touched, and nobody is asked to approve."""
    before = merged.deployments("prod"), machines(merged, "prod")
    merged.edit("project.toml", "roc_auc = 0.55", "roc_auc = 0.99")
    merged.commit("Ask for too much")
    done = merged.push()
    assert done.ended("dev") == "failure", done.output
    assert done.ended("prod") == "skipped"
    assert f"{ACCOUNTS['dev']}:role/" in done.output, "so the next line can fail"
    assert f"{ACCOUNTS['prod']}:role/" not in done.output
    assert (merged.deployments("prod"), machines(merged, "prod")) == before


def test_two_merges_in_quick_succession_arrive_in_their_order(merged: Team, tmp_path: Path) -> None:
    """The second is built while the first is on its way, and overtakes it nowhere: prod gets both, the later one last."""
    clones = []
    for rounds in (42, 43):
        merged.edit("src/toy/model.py", f"max_rounds: int = {rounds - 1}", f"max_rounds: int = {rounds}")
        merged.commit(f"Let {rounds} trees grow")
        clones.append(clone(merged.root, tmp_path / str(rounds)))
    runs: list[Any] = [None, None]

    def merge(which: int) -> None:
        runs[which] = merged.run("deploy.yml", Event("push", push(clones[which]), WRITES), clones[which])

    threads = [threading.Thread(target=merge, args=(which,)) for which in range(2)]
    begun = len(merged.turns.given)
    threads[0].start()
    assert merged.turns.wait_for_number(begun + 1)  # GitHub got the first push first
    threads[1].start()
    for thread in threads:
        thread.join()
    assert [run.jobs for run in runs] == [WELL, WELL], "\n".join(run.output for run in runs)
    first, second = (str(run.store) for run in runs)
    given = merged.turns.given[begun:]
    assert given.index(("release", second)) < given.index(("prod", first)), "one waited for the whole other"
    for environment in ACCOUNTS:
        assert [run for group, run in given if group == environment] == [first, second]
        commits = [deployed["commit"] for deployed in merged.deployments(environment)[-2:]]
        assert commits == [git(each, "rev-parse", "HEAD") for each in clones]


def test_where_nobody_can_approve_a_pull_request_promotes(merged: Team) -> None:
    """With PROMOTION=pull-request a merge ends in dev and in a pull request, whose merge brings this very release to prod."""
    merged.edit("src/toy/model.py", "early_stopping_rounds: int = 10", "early_stopping_rounds: int = 11")
    commit = merged.commit("Stop a round later")
    done = merged.push(PROMOTION="pull-request")
    assert done.jobs == {"release": "success", "dev": "success", "pull-request": "success"}, done.output
    release = merged.deployments("dev")[-1]["release"]
    assert merged.deployments("prod")[-1]["release"] != release
    [pull] = [each for each in merged.api.pulls.values() if each.get("title")]
    assert (pull["title"], pull["base"]["ref"], pull["head"]["ref"]) == (
        f"Release {release} to production",
        "production",
        "main",
    )
    git(merged.root, "update-ref", "refs/remotes/origin/main", commit)
    git(merged.root, "checkout", "--quiet", "-b", "production", "HEAD~1")
    git(merged.root, "merge", "--quiet", "--no-ff", "--message", pull["title"], "main")
    promoted = merged.push("promote.yml", "production")
    assert promoted.jobs == {"release": "success", "prod": "success"}, promoted.output
    deployed = merged.deployments("prod")[-1]
    assert (deployed["release"], deployed["status"]) == (release, "deployed")


def machines(team: Team, environment: str) -> dict[str, str]:
    """Return what each state machine in an account does."""
    states = team.client("stepfunctions", environment)
    arns = [each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"]]
    return {arn: states.describe_state_machine(stateMachineArn=arn)["definition"] for arn in arns}
