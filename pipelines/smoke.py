"""The smoke pipeline: the deployed image scores the golden rows of a model, as `make smoke` asks for after a deployment.

A model artefact holds a few rows with the scores that they had at its training (`headrace.artefact`). The job scores
them again, in the deployed image, with the role and in the network of every other job, on the machine that predicts.
It judges nothing: `headrace_aws.smoke` compares, also with what another environment scored.

Starts with `{}`; then the newest approved model scores. `artefact` is the S3 URI of another model's model.tar.gz,
below the model's own runs.
"""

from headrace_aws.asl import placeholders
from headrace_aws.asl.capacity_retry import capacity_states, question
from headrace_aws.asl.expressions import path, text
from headrace_aws.asl.inputs import Input, input_states
from headrace_aws.asl.jobs import Pipeline, processing_job
from headrace_aws.asl.outcomes import EXPLANATION, SKIP, failure_states, record, skip_states
from headrace_aws.asl.registry import newest, newest_approved, version
from headrace_aws.asl.retries import catch
from headrace_aws.asl.states import Fields, Rule, choice, compute, copy, is_equal, machine, succeed
from headrace_aws.config.project import Model, Project

NAME = "smoke"
NEWEST = ""  # in place of an artefact: that of the newest approved model
FOUND = "$.found"
ARTEFACT = "$.artefact"


def accepted_input(_model_name: str, _model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    return Input(values={"artefact": NEWEST})


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that scores the golden rows of one model."""
    model = project.model(model_name)
    pipeline = Pipeline(project.name, model_name, NAME)
    failing = catch(EXPLANATION)
    facts = {"artefact": path(ARTEFACT), "golden": pipeline.uri("golden/golden/golden.json")}
    return machine(
        f"Score the golden rows of {model_name} in what is deployed.",
        *input_states(accepted_input(model_name, model)),
        choice(
            "Is an artefact given?",
            Rule(is_equal(ARTEFACT, NEWEST), then="Find model"),
            otherwise="Score golden rows",
        ),
        *newest_approved(
            "Find model", "Is there a model?", found="Describe model", none=SKIP, at=FOUND, catch=failing
        ),
        version("Describe model", path(f"{newest(FOUND)}.ModelPackageArn"), at="$.package", catch=failing),
        copy("Take its artefact", path("$.package.artefact"), at=ARTEFACT),
        processing_job(
            "Score golden rows",
            pipeline,
            "golden",
            model.jobs.predict.model_copy(update={"instance_count": 1}),
            arguments=["--image", placeholders.IMAGE_URI],
            inputs={"model": path(ARTEFACT)},
            outputs=("golden",),
            on_error=question(),
        ),
        compute(
            "Describe scores",
            {
                "decision": "scored",
                "summary": text("The golden rows of {} are scored.", facts["artefact"]),
                **facts,
            },
            at="$.outcome",
        ),
        record(
            "Record run", pipeline, "scored", {**facts, "summary": path("$.outcome.summary")}, catch=failing
        ),
        succeed("Golden rows scored", path("$.outcome")),
        *skip_states(
            pipeline,
            "No model is approved: train one (make run PIPELINE=training), or approve one that waits (make approve).",
            ended="Nothing to score",
            catch=failing,
        ),
        *capacity_states(otherwise="Score golden rows", failed=EXPLANATION),
        *failure_states(pipeline),
    )
