"""The inference pipeline: prepare a batch, predict it with the newest approved model, publish, watch for drift.

Starts with `{}`. A person may give `date` (the folder that the predictions are published in, by default the day of
the run), `window` and `limits` (objects, merged over the defaults), and `raw` (the S3 URI of the raw tables).

The predictions of a date are one object, put in place by one copy: so they appear whole or not at all, and a
second run of the date replaces them. The object itself says what made it; the manifest beside it, written last, says
the same to people and names the version of the object. A run that fails before the copy leaves the last good
predictions as they are; one that fails after it, as when drift cannot be measured, says that they are there. With
`require_drift_check` in project.toml drift is measured before the copy.
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
from headrace_aws.asl.publication import TABLE, folder, publication, states_after_late_failure
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
    summary = path(f"{DRIFT}.summary")
    predictions = {
        "data_fingerprint": path(f"{TABLE}.data_fingerprint"),
        "model_package_arn": PACKAGE,
        "predictions": uri,
    }
    publish = publication(pipeline, PACKAGE, catch=failing)
    watch_for_drift = (
        processing_job(
            "Watch for drift",
            pipeline,
            "monitor",
            jobs.monitor,
            arguments=["--limits", json_text(path("$.limits"))],
            inputs={
                "model": package,
                "examples": examples,
                "predictions": pipeline.uri("collect/predictions/"),
                "batch": pipeline.uri("batch/batch/"),
            },
            outputs=("drift", "report"),
            on_error=question(),
        ),
        read_file("Read drift", pipeline.key("monitor/drift/drift.json"), at="$.drift", catch=failing),
        measure("Measure drift", pipeline, FIGURES, catch=failing),
    )
    checked_first = model.inference.require_drift_check
    return machine(
        f"Predict with {model_name}: prepare, predict, publish, watch for drift.",
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
            "Collect predictions",
            pipeline,
            "collect",
            jobs.collect,
            arguments=["--model-package", PACKAGE, "--date", path("$.date")],
            inputs={
                "examples": examples,
                "predictions": pipeline.uri("predict/predictions/"),
                "batch": pipeline.uri("batch/batch/"),
            },
            outputs=("predictions", "table"),
            on_error=question(),
        ),
        *((*watch_for_drift, *publish) if checked_first else (*publish, *watch_for_drift)),
        compute(
            "Describe predictions",
            {
                "decision": "published",
                "summary": summary,
                "metrics": path(f"{DRIFT}.metrics"),
                "drifted": path(f"{DRIFT}.drifted"),
                "report": report,
                **predictions,
            },
            at="$.outcome",
        ),
        record(
            "Record run",
            pipeline,
            "published",
            {
                **predictions,
                "summary": summary,
                "report": report,
                "metrics": json_text(path(f"{DRIFT}.metrics")),
            },
            catch=failing,
        ),
        notify(
            "Notify",
            pipeline,
            "predictions published",
            text("{} Predictions: {} Report: {} Run: {}", summary, uri, report, EXECUTION),
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
            Rule(is_present("$.collect"), then="Watch for drift"),
            Rule(is_present("$.predict"), then="Collect predictions"),
            Rule(is_present("$.batch"), then="Predict"),
            otherwise="Prepare batch",
            failed=EXPLANATION,
        ),
        *failure_states(pipeline, None, *states_after_late_failure(pipeline, predictions)),
    )
