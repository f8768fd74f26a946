"""The retraining pipeline: what a schedule, new data or an alarm starts, so that a model is trained again by itself.

It runs the training pipeline, and stays running for a cool-down after it. One execution of a model has the lock,
so triggers that come meanwhile find it taken and end: one training answers them all.

Starts with `{}`. `trigger` says what started it, and `cool_down_seconds` may shorten the pause.
"""

from pipelines import placeholders
from pipelines.expressions import EXECUTION, path, text
from pipelines.inputs import Input, input_states
from pipelines.jobs import Pipeline
from pipelines.lock import HOLDER, lock_states
from pipelines.outcomes import EXPLANATION, SKIP, failure_states, record, skip_states
from pipelines.project import Model, Project
from pipelines.retries import catch
from pipelines.states import Fields, compute, machine, succeed, task, wait

NAME = "retraining"
SECONDS_AN_HOUR = 3600
# Training bounds each of its own steps; this lies beyond them all.
LONGEST_TRAINING_SECONDS = 7 * 24 * SECONDS_AN_HOUR


def given(_model_name: str, model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    return Input(values={"cool_down_seconds": round(model.retraining.cool_down_hours * SECONDS_AN_HOUR)})


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that trains one model again."""
    pipeline = Pipeline(project.name, model_name, NAME)
    failing = catch(EXPLANATION)
    summary = path("$.trained.outcome.summary")
    return machine(
        f"Train {model_name} again, and then no more for a while.",
        *input_states(given(model_name, project.model(model_name))),
        *lock_states(pipeline, then="Train", busy=SKIP, catch=failing),
        task(
            "Train",
            "states:startExecution.sync:2",
            {
                "StateMachineArn": placeholders.TRAINING_ARN,
                # The second key makes the console show which execution started which.
                "Input": {
                    "trigger": path("$.trigger"),
                    "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": EXECUTION,
                },
            },
            timeout_seconds=LONGEST_TRAINING_SECONDS,
            select={"execution": path("$.ExecutionArn"), "outcome": path("$.Output")},
            at="$.trained",
            catch=failing,
        ),
        compute(
            "Describe retraining",
            {"decision": "retrained", "summary": summary, "training": path("$.trained.execution")},
            at="$.outcome",
        ),
        record("Record run", pipeline, "retrained", {"summary": summary}, catch=failing),
        wait("Cool down", path("$.cool_down_seconds")),
        succeed("Retrained", path("$.outcome")),
        *skip_states(
            pipeline,
            text("The model was trained of late, or is being trained: {}", path(HOLDER)),
            ended="Retraining skipped",
            catch=failing,
        ),
        *failure_states(pipeline),
    )
