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


def test_what_was_deployed_passes(trained: Fork) -> None:
    """Stacks, state machines, schedules and the scores of the newest approved model are as they should be."""
    done = trained.command("smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 rows score as at the training" in done.stdout
    assert "the work tree of toy is in local, as it should be" in done.stdout
    run = trained.runs("smoke")[-1]
    assert (run["status"], run["trigger"]) == ("scored", "smoke")


def test_code_that_scores_otherwise_fails(trained: Fork) -> None:
    """A model that no longer scores as at its training fails one check, with row, both scores, and exit status 1."""
    file = trained.root / "src" / "toy" / "model.py"
    before = file.read_text()
    assert before.count(SCORES) == 1
    file.write_text(before.replace(SCORES, SCORES_OTHERWISE))
    try:
        done = trained.command("smoke")
    finally:
        file.write_text(before)
    assert done.returncode == 1, done.stdout + done.stderr
    assert (
        "FAILED  golden rows of toy                score otherwise than at the training, by up to 0.001"
        in done.stdout
    )
    assert "row 0: " in done.stdout
    assert done.stdout.count("FAILED") == done.stdout.count("remedy: ") == 1
