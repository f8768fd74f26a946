"""The quality pipeline: when labels have arrived, hold past predictions against them.

Judged is the newest approved model, by what it predicted of rows that it had not learnt from: with the metrics of
the evaluation that registered it, against what they were then. A loss of quality has an alarm, and the consequences,
of drift.

Starts with `{}`. A person may give `limits` (an object, merged over the defaults) and `raw` (the S3 URI of the raw
tables, which hold the labels by now).
"""

from headrace_aws.asl import placeholders
from headrace_aws.asl.capacity_retry import capacity_states, question
from headrace_aws.asl.expressions import EXECUTION, json_text, path, text
from headrace_aws.asl.inputs import Input, input_states, raw_folder
from headrace_aws.asl.jobs import Pipeline, processing_job
from headrace_aws.asl.outcomes import (
    EXPLANATION,
    SKIP,
    call,
    failure_states,
    measure,
    notify,
    read_file,
    record,
    skip_states,
)
from headrace_aws.asl.registry import newest, newest_approved, version
from headrace_aws.asl.retries import catch
from headrace_aws.asl.states import Fields, Rule, choice, compute, is_above, machine, succeed
from headrace_aws.config.project import Model, Project

NAME = "quality"

FOUND = "$.found"
QUALITY = "$.measured.content"
FIGURES = {
    "QualityDrift": path(f"{QUALITY}.drift"),
    "JudgedRows": path(f"{QUALITY}.rows_judged"),
}


def accepted_input(model_name: str, model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    return Input(
        settings={"limits": model.inference.quality},
        values={"raw": raw_folder(model_name)},
    )


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that measures the predictions of one model."""
    model = project.model(model_name)
    pipeline = Pipeline(project.name, model_name, NAME)
    failing = catch(EXPLANATION)
    published = f"{model_name}/predictions/"
    report = pipeline.uri("quality/report/report.html")
    facts = {
        "summary": path(f"{QUALITY}.summary"),
        "data_fingerprint": path(f"{QUALITY}.data_fingerprint"),
        "model_package_arn": path("$.package.arn"),
        "report": report,
    }
    return machine(
        f"Measure the predictions of {model_name} against labels that have arrived.",
        *input_states(accepted_input(model_name, model)),
        call(
            "Look for predictions",
            "aws-sdk:s3:listObjectsV2",
            {"Bucket": placeholders.DATA_BUCKET, "Prefix": published, "MaxKeys": 1},
            select={"objects": path("$.KeyCount")},
            at="$.published",
            catch=failing,
        ),
        choice(
            "Are there any?",
            Rule(is_above("$.published.objects", 0), then="Find model"),
            otherwise=SKIP,
        ),
        *newest_approved(
            "Find model", "Is there a model?", found="Describe model", none=SKIP, at=FOUND, catch=failing
        ),
        version(
            "Describe model",
            path(f"{newest(FOUND)}.ModelPackageArn"),
            at="$.package",
            evaluated=True,
            catch=failing,
        ),
        processing_job(
            "Measure predictions",
            pipeline,
            "quality",
            model.jobs.quality,
            arguments=[
                *("--model", model.package),
                *("--model-package", path("$.package.arn")),
                *("--limits", json_text(path("$.limits"))),
            ],
            inputs={
                "raw": path("$.raw"),
                "predictions": f"s3://{placeholders.DATA_BUCKET}/{published}",
                "evaluation": path("$.package.evaluation"),
            },
            outputs=("quality", "report"),
            on_error=question(),
        ),
        read_file(
            "Read quality", pipeline.key("quality/quality/quality.json"), at="$.measured", catch=failing
        ),
        measure("Measure quality", pipeline, FIGURES, catch=failing),
        compute(
            "Describe quality",
            {
                "decision": "measured",
                "metrics": path(f"{QUALITY}.metrics"),
                "drifted": path(f"{QUALITY}.drifted"),
                **facts,
            },
            at="$.outcome",
        ),
        record(
            "Record run",
            pipeline,
            "measured",
            {**facts, "metrics": json_text(path(f"{QUALITY}.metrics"))},
            catch=failing,
        ),
        notify(
            "Notify",
            pipeline,
            "predictions measured",
            text("{} Report: {} Run: {}", facts["summary"], report, EXECUTION),
            then="Predictions measured",
        ),
        succeed("Predictions measured", path("$.outcome")),
        *skip_states(
            pipeline,
            "There is nothing to measure: no predictions are published, or no model is approved.",
            ended="Nothing to measure",
            catch=failing,
        ),
        *capacity_states(otherwise="Measure predictions", failed=EXPLANATION),
        *failure_states(pipeline),
    )
