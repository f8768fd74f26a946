"""The cross-validation pipeline: split into folds, train and evaluate each trial, compare.

A trial is one point of the grid on one fold: a real training job and a real evaluation, some at a time.

Starts with `{}`. A person may give `hyperparameters` (what every trial starts from), `folds` and `search`
(objects), each merged over the defaults, and `raw` (the S3 URI of the raw tables).
"""

from headrace_aws.asl.expressions import json_text, merged, path
from headrace_aws.asl.inputs import Input, input_states, raw_folder
from headrace_aws.asl.jobs import Pipeline, processing_job
from headrace_aws.asl.states import Fields, machine
from headrace_aws.asl.trials import (
    ON_TRIAL_ERROR,
    SUMMARY,
    TRIAL,
    Score,
    of_part,
    split_state,
    summary_states,
    trial_states,
)
from headrace_aws.config.project import Model, Project

NAME = "cross-validation"


def accepted_input(model_name: str, model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    settings = model.cross_validation
    held = model.split.test if settings.folds.holdout is None else settings.folds.holdout
    return Input(
        settings={"folds": settings.folds.model_copy(update={"holdout": held})},
        wholes={"search": settings.search},
        hyperparameters=model.hyperparameters,
        values={"raw": raw_folder(model_name)},
    )


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that cross-validates one model."""
    model = project.model(model_name)
    settings = model.cross_validation
    pipeline = Pipeline(project.name, model_name, NAME)
    folds, search = json_text(path("$.folds")), json_text(path("$.search"))
    evaluation = Score(
        processing_job(
            "Evaluate trial",
            pipeline.of(TRIAL),
            "evaluate",
            model.jobs.evaluate,
            arguments=["--no-report"],
            inputs={
                "model": path("$.train.artefact"),
                "test": of_part(pipeline, "test"),
                "profile": of_part(pipeline, "profile"),
            },
            outputs=("evaluation",),
            on_error=ON_TRIAL_ERROR,
        ),
        results="evaluate/evaluation/",
    )
    return machine(
        f"Cross-validate {model_name}: split into folds, train and evaluate each trial, compare.",
        *input_states(accepted_input(model_name, model)),
        split_state(pipeline, model, ["--folds", folds, "--search", search]),
        *trial_states(pipeline, model, settings, evaluation),
        *summary_states(
            pipeline,
            model,
            settings,
            score=evaluation,
            attributes={
                # What a training is to be given: the winning point, over what every trial started from.
                "best": json_text(merged(path("$.hyperparameters"), path(f"{SUMMARY}.best.hyperparameters"))),
                "folds": folds,
                "search": search,
            },
        ),
    )
