"""The training pipeline: prepare, train, evaluate, judge, register.

Starts with `{}`. A person may give `hyperparameters` (an object of strings), `split` and `gate` (objects),
each merged over the defaults, and `raw` (the S3 URI of the raw tables).

Ends in one of three ways, each recorded in the run table and told to the topic: the model is registered; or the
gate refuses it, which is a clean end; or a state failed, and the run ends with that state's error and cause.
"""

from functools import partial

from pipelines.arguments import argument_object, hyperparameter_texts
from pipelines.capacity import QUESTION, START, capacity_states
from pipelines.expressions import (
    EXECUTION,
    EXECUTION_INPUT,
    Payload,
    json_text,
    merged,
    parsed_json,
    path,
    text,
)
from pipelines.jobs import Pipeline, processing_job, training_job
from pipelines.outcomes import call, notify, record
from pipelines.placeholders import DATA_BUCKET
from pipelines.project import Project
from pipelines.registry import new_version, newest, newest_approved, version
from pipelines.retries import catch
from pipelines.states import Fields, Rule, choice, compute, fail, is_present, is_true, machine, succeed

NAME = "training"
PREPARED = ("train", "validation", "test", "profile")  # what the step prepare writes, one folder each
JUDGEMENT = ("evaluation", "report")  # what the step evaluate writes
EVALUATION = "evaluate/evaluation/evaluation.json"
REPORT = "evaluate/report/report.html"

# Where a state finds what earlier states left in the data.
ARTEFACT = path("$.train.artefact")
METRICS = path("$.evaluation.content.metrics")
VERDICT = path("$.evaluation.content.verdict")
SUMMARY = path("$.evaluation.content.verdict.summary")
MODEL = "$.evaluation.content.model"
CHAMPION = "$.champion"
FAILURE = "$.failure.error"


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that trains one model."""
    model = project.model(model_name)
    pipeline = Pipeline(project.name, model_name, NAME)
    defaults: dict[str, Payload] = {
        "hyperparameters": hyperparameter_texts(model.hyperparameters),
        "split": argument_object(model.split),
        "gate": argument_object(model.gate),
    }
    prepared = {name: pipeline.uri(f"prepare/{name}/") for name in PREPARED}
    judged = {"model": ARTEFACT, "test": prepared["test"], "profile": prepared["profile"]}
    evaluate = partial(
        processing_job,
        pipeline=pipeline,
        step="evaluate",
        machine=model.jobs.evaluate,
        arguments=["--gate", json_text(path("$.gate"))],
        outputs=JUDGEMENT,
        on_error=QUESTION,
    )
    outcome = {
        "report": pipeline.uri(REPORT),
        "evaluation": pipeline.uri(EVALUATION),
        "artefact": ARTEFACT,
        "metrics": METRICS,
        "verdict": VERDICT,
    }
    attributes = {
        "hyperparameters": json_text(path(f"{MODEL}.hyperparameters")),
        "metrics": json_text(METRICS),
        "verdict": json_text(VERDICT),
        "data_fingerprint": path(f"{MODEL}.data_fingerprint"),
        "report": path("$.outcome.report"),
    }
    message = text("{} Report: {} Run: {}", SUMMARY, outcome["report"], EXECUTION)
    failing = catch("Explain failure")
    return machine(
        f"Train {model_name}: prepare, train, evaluate, judge, register.",
        # What the run works with: the defaults, and over them the input. The input may leave out any key,
        # and a merge needs two sides: so it is merged over empty objects first.
        compute(
            "Set defaults",
            {
                "defaults": defaults,
                "input": {"raw": f"s3://{DATA_BUCKET}/{model_name}/raw/", **{key: {} for key in defaults}},
            },
        ),
        compute(
            "Read input",
            {"defaults": path("$.defaults"), "input": merged(path("$.input"), EXECUTION_INPUT)},
        ),
        compute(
            "Merge input",
            {
                "raw": path("$.input.raw"),
                **{key: merged(path(f"$.defaults.{key}"), path(f"$.input.{key}")) for key in defaults},
                "capacity": START,
                "unexplained": {"Error": "Unknown", "Cause": "The failing state gave no cause."},
            },
        ),
        # The jobs, and the evaluation that they end in.
        processing_job(
            "Prepare data",
            pipeline,
            "prepare",
            model.jobs.prepare,
            arguments=["--model", model.package, "--split", json_text(path("$.split"))],
            inputs={"raw": path("$.raw")},
            outputs=PREPARED,
            on_error=QUESTION,
        ),
        training_job(
            "Train model",
            pipeline,
            "train",
            model.jobs.train,
            arguments=["--model", model.package],
            hyperparameters=path("$.hyperparameters"),
            channels={name: prepared[name] for name in ("train", "validation", "profile")},
            on_error=QUESTION,
        ),
        *newest_approved(
            "Find champion",
            "Has champion?",
            found="Describe champion",
            none="Evaluate model",
            at=CHAMPION,
            catch=failing,
        ),
        version(
            "Describe champion",
            path(f"{newest(CHAMPION)}.ModelPackageArn"),
            at="$.champion.version",
            catch=failing,
        ),
        evaluate(
            "Evaluate against champion",
            inputs={**judged, "champion": path("$.champion.version.artefact")},
            then="Read evaluation",
        ),
        evaluate("Evaluate model", inputs=judged),
        call(
            "Read evaluation",
            "aws-sdk:s3:getObject",
            {"Bucket": DATA_BUCKET, "Key": pipeline.key(EVALUATION)},
            select={"content": parsed_json(path("$.Body"))},
            at="$.evaluation",
            catch=failing,
        ),
        choice(
            "Passes the gate?",
            Rule(is_true("$.evaluation.content.verdict.passed"), then="Register model"),
            otherwise="Describe refusal",
        ),
        # The gate lets the model pass.
        new_version(
            "Register model",
            artefact=ARTEFACT,
            evaluation=pipeline.uri(EVALUATION),
            metadata={key: path(f"{MODEL}.{key}") for key in ("data_fingerprint", "code_fingerprint")},
            at="$.package",
            catch=failing,
        ),
        compute(
            "Describe model",
            {"decision": "registered", "model_package_arn": path("$.package.arn"), **outcome},
            at="$.outcome",
        ),
        record(
            "Record run",
            pipeline,
            "registered",
            {**attributes, "model_package_arn": path("$.package.arn")},
            catch=failing,
        ),
        notify("Notify", pipeline, "model registered", message, then="Model registered"),
        succeed("Model registered", path("$.outcome")),
        # The gate refuses the model.
        compute("Describe refusal", {"decision": "refused", **outcome}, at="$.outcome"),
        record("Record refusal", pipeline, "refused", attributes, catch=failing),
        notify("Notify refusal", pipeline, "model refused", message, then="Model refused"),
        succeed("Model refused", path("$.outcome")),
        # A job failed: try again if AWS had no machine for it.
        *capacity_states(
            Rule(is_present(CHAMPION), then="Has champion?"),
            Rule(is_present("$.prepare"), then="Train model"),
            otherwise="Prepare data",
            failed="Explain failure",
        ),
        # The run failed. Nothing here needs more than the first states left, and nothing here can stop the end.
        compute("Explain failure", {"error": merged(path("$.unexplained"), path("$.error"))}, at="$.failure"),
        record(
            "Record failure",
            pipeline,
            "failed",
            {
                "hyperparameters": json_text(path("$.hyperparameters")),
                "error": path(f"{FAILURE}.Error"),
                "cause": path(f"{FAILURE}.Cause"),
            },
            catch=catch("Notify failure", at="$.unrecorded"),
        ),
        notify(
            "Notify failure",
            pipeline,
            "run failed",
            text("{}: {} Run: {}", path(f"{FAILURE}.Error"), path(f"{FAILURE}.Cause"), EXECUTION),
            then="Run failed",
        ),
        fail("Run failed", error=path(f"{FAILURE}.Error"), cause=path(f"{FAILURE}.Cause")),
    )
