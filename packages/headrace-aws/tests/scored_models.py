"""A model that was scored."""

from headrace.golden import GoldenScores

COMMIT = "0123456789ab" + "0" * 28


SCORED = GoldenScores(
    artefact="a" * 64,
    trained_by=COMMIT,
    image="mill@sha256:1",
    rows=[{"age": 1}],
    trained=[0.1],
    scores=[0.1],
    disagreement="",
    versions={},
    machine="",
)
