"""Your pipelines and stacks at work: deployed, and run one after the other, with a model of one small table."""

import json
from pathlib import Path

from headrace_aws.testing.forks import deployed_fork


def test_the_pipelines_run_on_what_the_stacks_create(tmp_path: Path) -> None:
    """A model is trained, refused, chosen by cross-validation; it predicts, is measured, and scores as it should."""
    with deployed_fork(tmp_path) as fork:
        fork.succeed("data")
        assert "registered after" in fork.succeed("run")
        [package] = fork.packages()
        assert package["ModelApprovalStatus"] == "Approved"

        refused = fork.train({"gate": {"floor": {"roc_auc": 0.99}}})
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert "The model is refused: roc_auc at least 0.99" in refused.stdout

        fork.succeed("run", "--pipeline", "inference", "--input", json.dumps({"date": "2026-03-01"}))
        published = json.loads(fork.object("toy/predictions/2026-03-01/_manifest.json"))
        assert published["model_package_arn"] == package["ModelPackageArn"]
        fork.succeed("run", "--pipeline", "quality")
        fork.succeed("run", "--pipeline", "cross-validation")
        fork.succeed("smoke")
        assert [(run["pipeline"], run["status"]) for run in fork.runs()] == [
            ("training", "registered"),
            ("training", "refused"),
            ("inference", "published"),
            ("quality", "measured"),
            ("cross-validation", "summarised"),
            ("smoke", "scored"),
        ]
