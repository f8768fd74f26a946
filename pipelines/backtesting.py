"""The backtesting pipeline: from a series of cut-offs in the past, train on what was known and score what came.

At each cut-off a real training job sees only the rows before it, and its model scores all that came after: so a
model that is always trained anew can be held against one that is left to age.

Starts with `{}`. A person may give `hyperparameters` and `cutoffs` (objects), each merged over the defaults, and
`raw` (the S3 URI of the raw tables).
"""

from headrace_aws.asl.expressions import json_text, path
from headrace_aws.asl.inputs import Input, input_states, raw_folder
from headrace_aws.asl.jobs import Pipeline, processing_job
from headrace_aws.asl.states import Fields, machine
from headrace_aws.asl.trials import (
    ON_TRIAL_ERROR,
    TRIAL,
    Score,
    of_part,
    split_state,
    summary_states,
    trial_states,
)
from headrace_aws.config.project import Model, Project

NAME = "backtesting"


def accepted_input(model_name: str, model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    return Input(
        settings={"cutoffs": model.backtesting.cutoffs},
        hyperparameters=model.hyperparameters,
        values={"raw": raw_folder(model_name)},
    )


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that backtests one model."""
    model = project.model(model_name)
    settings = model.backtesting
    pipeline = Pipeline(project.name, model_name, NAME)
    cutoffs = json_text(path("$.cutoffs"))
    prediction = Score(
        processing_job(
            "Score what came after",
            pipeline.of(TRIAL),
            "predict",
            # Alone: the rows of a trial are one file, which instances cannot share.
            model.jobs.predict.model_copy(update={"instance_count": 1}),
            inputs={"model": path("$.train.artefact"), "examples": of_part(pipeline, "test")},
            outputs=("predictions",),
            on_error=ON_TRIAL_ERROR,
        ),
        results="predict/predictions/",
    )
    return machine(
        f"Backtest {model_name}: train before each cut-off, score after it, put together.",
        *input_states(accepted_input(model_name, model)),
        split_state(pipeline, model, ["--cutoffs", cutoffs]),
        *trial_states(pipeline, model, settings, prediction),
        *summary_states(
            pipeline,
            model,
            settings,
            score=prediction,
            arguments=["--cutoffs", cutoffs],
            attributes={"cutoffs": cutoffs},
        ),
    )
