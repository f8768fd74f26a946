"""The inference pipeline: prepare a batch, predict it with the newest approved model, watch for drift, publish.

Starts with `{}`. A person may give `date` (the folder that the predictions are published in, by default the day of
the run), `window` and `limits` (objects, merged over the defaults), and `raw` (the S3 URI of the raw tables).

The predictions of a date are one object, put in place by one copy: so they appear whole or not at all, and a
second run of the date replaces them. The object itself says what made it; the manifest beside it, written last, says
the same to people and names the version of the object. A run that fails before the copy leaves the last good
predictions as they are.
"""

from headrace_aws.asl.capacity_retry import capacity_states, question
from headrace_aws.asl.expressions import EXECUTION, STARTED_AT, day, json_text, path, text
from headrace_aws.asl.inputs import Input, input_states, raw_folder
from headrace_aws.asl.jobs import Pipeline, processing_job
from headrace_aws.asl.outcomes import (
    EXPLANATION,
    SKIP,
    failure_states,
    measure,
    notify,
    read_file,
    record,
    skip_states,
)
from headrace_aws.asl.publication import FILE, folder, publication
from headrace_aws.asl.registry import newest, newest_approved, version
from headrace_aws.asl.retries import catch
from headrace_aws.asl.states import Fields, Rule, compute, is_present, machine, succeed
from headrace_aws.config.project import Model, Project

NAME = "inference"
FOUND = "$.found"
PACKAGE = path("$.package.arn")
DRIFT = "$.drift.content"
FIGURES = {
    "Drift": path(f"{DRIFT}.drift"),
    "DriftedFeatures": path(f"{DRIFT}.metrics.drifted_features"),
    "MaximumPsi": path(f"{DRIFT}.metrics.maximum_psi"),
    "ScoreKolmogorovSmirnov": path(f"{DRIFT}.metrics.score_kolmogorov_smirnov"),
    "UnseenShare": path(f"{DRIFT}.metrics.unseen_share"),
    "MissingShare": path(f"{DRIFT}.metrics.missing_share"),
    "MissingFeatures": path(f"{DRIFT}.metrics.missing_features"),
    "PredictedRows": path(f"{DRIFT}.metrics.rows"),
}


def accepted_input(model_name: str, model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    return Input(
        settings={"limits": model.inference.drift},
        wholes={"window": model.inference.window},
        values={"raw": raw_folder(model_name), "date": day(STARTED_AT)},
    )


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that predicts with one model."""
    model = project.model(model_name)
    jobs = model.jobs
    pipeline = Pipeline(project.name, model_name, NAME)
    failing = catch(EXPLANATION)
    examples, package = pipeline.uri("batch/examples/"), path("$.package.artefact")
    uri = folder(model_name)
    report = pipeline.uri("monitor/report/report.html")
    facts = {
        "summary": path(f"{DRIFT}.summary"),
        "data_fingerprint": path(f"{DRIFT}.data_fingerprint"),
        "model_package_arn": PACKAGE,
        "report": report,
    }
    return machine(
        f"Predict with {model_name}: prepare, predict, watch for drift, publish.",
        *input_states(accepted_input(model_name, model)),
        *newest_approved(
            "Find model", "Is there a model?", found="Describe model", none=SKIP, at=FOUND, catch=failing
        ),
        version("Describe model", path(f"{newest(FOUND)}.ModelPackageArn"), at="$.package", catch=failing),
        processing_job(
            "Prepare batch",
            pipeline,
            "batch",
            jobs.batch,
            arguments=[
                *("--model", model.package),
                *("--window", json_text(path("$.window"))),
                *("--date", path("$.date")),
                *("--parts", str(jobs.predict.instance_count)),
            ],
            inputs={"raw": path("$.raw")},
            outputs=("examples", "batch"),
            on_error=question(),
        ),
        processing_job(
            "Predict",
            pipeline,
            "predict",
            jobs.predict,
            inputs={"model": package, "examples": examples},
            shared_out=frozenset({"examples"}),
            outputs=("predictions",),
            on_error=question(),
        ),
        processing_job(
            "Watch for drift",
            pipeline,
            "monitor",
            jobs.monitor,
            arguments=[
                *("--limits", json_text(path("$.limits"))),
                *("--model-package", PACKAGE),
                *("--date", path("$.date")),
            ],
            inputs={
                "model": package,
                "examples": examples,
                "predictions": pipeline.uri("predict/predictions/"),
                "batch": pipeline.uri("batch/batch/"),
            },
            outputs=("drift", "report", "predictions"),
            on_error=question(),
        ),
        read_file("Read drift", pipeline.key("monitor/drift/drift.json"), at="$.drift", catch=failing),
        *publication(
            pipeline,
            pipeline.key(f"monitor/predictions/{FILE}"),
            {
                "rows": path(f"{DRIFT}.predictions.rows"),
                "sha256": path(f"{DRIFT}.predictions.sha256"),
                "model_package_arn": PACKAGE,
                "data_fingerprint": facts["data_fingerprint"],
            },
            catch=failing,
        ),
        measure("Measure drift", pipeline, FIGURES, catch=failing),
        compute(
            "Describe predictions",
            {
                "decision": "published",
                "predictions": uri,
                "metrics": path(f"{DRIFT}.metrics"),
                "drifted": path(f"{DRIFT}.drifted"),
                **facts,
            },
            at="$.outcome",
        ),
        record(
            "Record run",
            pipeline,
            "published",
            {**facts, "metrics": json_text(path(f"{DRIFT}.metrics")), "predictions": uri},
            catch=failing,
        ),
        notify(
            "Notify",
            pipeline,
            "predictions published",
            text("{} Predictions: {} Report: {} Run: {}", facts["summary"], uri, report, EXECUTION),
            then="Predictions published",
        ),
        succeed("Predictions published", path("$.outcome")),
        *skip_states(
            pipeline,
            "No model is approved: train one (make run PIPELINE=training), or approve one that waits (make approve).",
            ended="Nothing to predict with",
            catch=failing,
        ),
        *capacity_states(
            Rule(is_present("$.predict"), then="Watch for drift"),
            Rule(is_present("$.batch"), then="Predict"),
            otherwise="Prepare batch",
            failed=EXPLANATION,
        ),
        *failure_states(pipeline),
    )
