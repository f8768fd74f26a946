"""The smoke check of a fork: passed by what was deployed, and failed by code that scores otherwise."""

from headrace_aws.testing.forks import Fork

SCORES = "        return boosting.restore(folder)\n"
# Scores otherwise in this account alone, as code may that asks where it runs.
SCORES_OTHERWISE = """        from headrace import container

        fitted = boosting.restore(folder)
        config = container.base() / "config" / "processingjobconfig.json"
        here = config.exists() and ":000000000000:" in config.read_text()

        class Shifted:
            def predict(self, features):
                return fitted.predict(features) + 0.001 * here

        return Shifted()
"""


def test_what_was_deployed_passes_and_code_that_scores_otherwise_fails(trained: Fork) -> None:
    """Stacks, schedules and scores are as they should be; other scores fail one check, with a row and both scores."""
    said = trained.succeed("smoke")
    assert "16 rows score as at the training" in said
    assert "the work tree of toy is in local, as it should be" in said
    run = trained.runs("smoke")[-1]
    assert (run["status"], run["trigger"]) == ("scored", "smoke")

    file = trained.root / "src" / "toy" / "model.py"
    sound = file.read_text()
    assert sound.count(SCORES) == 1
    file.write_text(sound.replace(SCORES, SCORES_OTHERWISE))
    done = trained.command("smoke")
    assert done.returncode == 1, done.stdout + done.stderr
    assert (
        "FAILED  golden rows of toy                score otherwise than at the training, by up to 0.001"
        in done.stdout
    )
    assert "row 0: " in done.stdout
    assert done.stdout.count("FAILED") == done.stdout.count("remedy: ") == 1
