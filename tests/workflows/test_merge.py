"""Your workflows at work: a merge, from the release to production, by the workflow files as they are."""

import hashlib
from pathlib import Path
from typing import Any

from headrace_aws.testing.repository import git
from headrace_aws.testing.team import ACCOUNTS, Team, deployed_team


def test_a_merge_ends_in_prod_with_the_same_release_in_both_accounts(tmp_path: Path) -> None:
    """One release is built, deployed to dev, trained, predicted and checked there, and goes to prod unchanged."""
    with deployed_team(tmp_path) as team:
        team.edit("src/toy/model.py", "max_rounds: int = 40", "max_rounds: int = 41")
        team.commit("Let one more tree grow")
        merged = team.push()
        assert merged.jobs == {"release": "success", "dev": "success", "prod": "success"}, merged.output
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


def image(team: Team, environment: str, digest: str) -> Any:
    """Return how an account's repository describes an image."""
    ecr = team.client("ecr", environment)
    return ecr.describe_images(repositoryName="fork", imageIds=[{"imageDigest": digest}])["imageDetails"]
