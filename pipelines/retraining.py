"""The retraining pipeline: what a schedule, new data or an alarm starts, so that a model is trained again by itself.

It runs the training pipeline, and stays running for a cool-down after it. One execution of a model has the lock; a
trigger that comes meanwhile leaves word and ends, and the holder trains once more after its cool-down. So no trigger
is lost, and many are answered by one training.

Starts with `{}`. `trigger` says what started it; `cool_down_seconds`, and `patience_seconds` between two looks at
another execution, may be shorter.
"""

from headrace_aws.asl import placeholders
from headrace_aws.asl.execution_lock import HOLDER, lock_states
from headrace_aws.asl.expressions import EXECUTION, Payload, path, text
from headrace_aws.asl.inputs import Input, input_states
from headrace_aws.asl.jobs import Pipeline
from headrace_aws.asl.outcomes import EXPLANATION, SKIP, call, failure_states, record, skip_states
from headrace_aws.asl.retries import catch
from headrace_aws.asl.states import (
    Fields,
    Rule,
    choice,
    compute,
    copy,
    is_equal,
    is_present,
    machine,
    succeed,
    task,
    wait,
)
from headrace_aws.config.project import Model, Project

NAME = "retraining"
SECONDS_AN_HOUR = 3600
PATIENCE_SECONDS = 60
# Three jobs of five days at most, each begun five times at most, and the waits between them.
LONGEST_TRAINING_SECONDS = 90 * 24 * SECONDS_AN_HOUR


def accepted_input(_model_name: str, model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    return Input(
        values={
            "cool_down_seconds": round(model.retraining.cool_down_hours * SECONDS_AN_HOUR),
            "patience_seconds": PATIENCE_SECONDS,
        }
    )


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that trains one model again."""
    pipeline = Pipeline(project.name, model_name, NAME)
    failing = catch(EXPLANATION)
    summary = path("$.trained.outcome.summary")
    # Sorts below every run, as the lock does.
    word: dict[str, Payload] = {"model": {"S": model_name}, "run": {"S": f"#word#{NAME}"}}
    return machine(
        f"Train {model_name} again, and then no more for a while.",
        *input_states(accepted_input(model_name, project.model(model_name))),
        *lock_states(pipeline, then="Take the word", busy="Leave word", catch=failing),
        # What comes from here on leaves a new word: its data may be too late for this training.
        call(
            "Take the word",
            "dynamodb:deleteItem",
            {"TableName": placeholders.RUN_TABLE, "Key": word},
            catch=failing,
        ),
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
        choice(
            "Did it train?",
            Rule(is_equal("$.trained.outcome.decision", "skipped"), then="Wait for the other training"),
            otherwise="Describe retraining",
        ),
        wait("Wait for the other training", path("$.patience_seconds"), then="Train"),
        compute(
            "Describe retraining",
            {"decision": "retrained", "summary": summary, "training": path("$.trained.execution")},
            at="$.outcome",
        ),
        record("Record run", pipeline, "retrained", {"summary": summary}, catch=failing),
        wait("Cool down", path("$.cool_down_seconds")),
        call(
            "Read the word",
            "dynamodb:getItem",
            {"TableName": placeholders.RUN_TABLE, "Key": word, "ConsistentRead": True},
            at="$.word",
            catch=failing,
        ),
        choice(
            "Is there word?", Rule(is_present("$.word.Item"), then="Heed the word"), otherwise="Retrained"
        ),
        copy("Heed the word", path("$.word.Item.trigger.S"), at="$.trigger", then="Take the word"),
        succeed("Retrained", path("$.outcome")),
        # Another execution trains or rests. It may have looked for word just before this one was left.
        call(
            "Leave word",
            "dynamodb:putItem",
            {"TableName": placeholders.RUN_TABLE, "Item": {**word, "trigger": {"S": path("$.trigger")}}},
            catch=failing,
        ),
        wait("Let it read", path("$.patience_seconds")),
        call(
            "Look at it again",
            "aws-sdk:sfn:describeExecution",
            {"ExecutionArn": path(HOLDER)},
            select={"status": path("$.Status")},
            at="$.other",
            catch=failing,
        ),
        choice(
            "Will it read?",
            Rule(is_equal("$.other.status", "RUNNING"), then=SKIP),
            otherwise="Take the lock",
        ),
        *skip_states(
            pipeline,
            text(
                "Another execution trains the model or rests after it, and will train once more: {}",
                path(HOLDER),
            ),
            ended="Retraining skipped",
            catch=failing,
        ),
        *failure_states(pipeline),
    )
