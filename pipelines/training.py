"""The training pipeline: prepare, train, evaluate, judge, register.

Starts with `{}`. A person may give `hyperparameters` (an object of strings), `split` and `gate` (objects),
each merged over the defaults, and `raw` (the S3 URI of the raw tables).

Ends in one of four ways, each recorded in the run table: the model is registered; or the gate refuses it, which
is a clean end; or another training of the model runs, and this one does nothing; or a state failed, and the run
ends with that state's error and cause.
"""

from functools import partial

from headrace_aws.asl.capacity_retry import capacity_states, question
from headrace_aws.asl.execution_lock import HOLDER, lock_states
from headrace_aws.asl.expressions import EXECUTION, Payload, json_text, path, text
from headrace_aws.asl.failure_files import cause_question, unreadable, without_unreadable
from headrace_aws.asl.inputs import Input, input_states, raw_folder
from headrace_aws.asl.jobs import Pipeline, processing_job, training_job
from headrace_aws.asl.outcomes import (
    EXPLANATION,
    SKIP,
    failure_states,
    notify,
    read_file,
    record,
    skip_states,
)
from headrace_aws.asl.registry import PENDING, new_version, newest, newest_approved, version
from headrace_aws.asl.retries import catch
from headrace_aws.asl.states import (
    Fields,
    Rule,
    all_of,
    choice,
    compute,
    is_present,
    is_true,
    machine,
    succeed,
)
from headrace_aws.config.project import Model, Project

NAME = "training"
PREPARED = ("train", "validation", "test", "profile")  # what the step prepare writes, one folder each
EVALUATION = "evaluate/evaluation/evaluation.json"
REPORT = "evaluate/report/report.html"

# Where a state finds what earlier states left in the data.
ARTEFACT = path("$.train.artefact")
METRICS = path("$.evaluation.content.metrics")
VERDICT = path("$.evaluation.content.verdict")
SUMMARY = path("$.evaluation.content.verdict.summary")
MODEL = "$.evaluation.content.model"
CHAMPION = "$.champion"


def accepted_input(model_name: str, model: Model) -> Input:
    """Return what a run may be given, and what it takes where nothing is."""
    return Input(
        settings={"split": model.split, "gate": model.gate},
        hyperparameters=model.hyperparameters,
        values={"raw": raw_folder(model_name)},
    )


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that trains one model."""
    model = project.model(model_name)
    pipeline = Pipeline(project.name, model_name, NAME)
    prepared = {name: pipeline.uri(f"prepare/{name}/") for name in PREPARED}
    judged = {"model": ARTEFACT, "test": prepared["test"], "profile": prepared["profile"]}
    evaluate = partial(
        processing_job,
        pipeline=pipeline,
        step="evaluate",
        machine=model.jobs.evaluate,
        outputs=("evaluation", "report"),
        on_error=question(),
    )
    gate: list[Payload] = ["--gate", json_text(path("$.gate"))]
    failing = catch(EXPLANATION)
    register = partial(
        new_version,
        artefact=ARTEFACT,
        evaluation=pipeline.uri(EVALUATION),
        metadata={key: path(f"{MODEL}.{key}") for key in ("data_fingerprint", "code_fingerprint")},
        at="$.package",
        catch=failing,
    )
    outcome = {
        "summary": SUMMARY,
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
        "summary": SUMMARY,
        "report": path("$.outcome.report"),
    }
    message = text("{} Report: {} Run: {}", SUMMARY, outcome["report"], EXECUTION)
    return machine(
        f"Train {model_name}: prepare, train, evaluate, judge, register.",
        *input_states(accepted_input(model_name, model)),
        # Two trainings at once would judge their models by the same champion, and register both.
        *lock_states(pipeline, then="Prepare data", busy=SKIP, catch=failing),
        processing_job(
            "Prepare data",
            pipeline,
            "prepare",
            model.jobs.prepare,
            arguments=["--model", model.package, "--split", json_text(path("$.split"))],
            inputs={"raw": path("$.raw")},
            outputs=PREPARED,
            on_error=question(),
        ),
        training_job(
            "Train model",
            pipeline,
            "train",
            model.jobs.train,
            arguments=["--model", model.package],
            hyperparameters=path("$.hyperparameters"),
            channels={name: prepared[name] for name in ("train", "validation", "profile")},
            on_error=question(),
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
            arguments=[*gate, "--champion", path("$.champion.version.arn")],
            then="Read evaluation",
        ),
        *without_unreadable(pipeline, "champion", at=CHAMPION, job="Evaluate against champion"),
        evaluate("Evaluate model", inputs=judged, arguments=gate),
        read_file("Read evaluation", pipeline.key(EVALUATION), at="$.evaluation", catch=failing),
        choice(
            "Passes the gate?",
            Rule(all_of(is_true(f"{VERDICT}.passed"), is_true(f"{VERDICT}.compared")), then="Register model"),
            Rule(is_true(f"{VERDICT}.passed"), then="Leave it to a person"),
            otherwise="Describe refusal",
        ),
        # The gate lets the model pass. One that it could not hold against the champion is never approved at once.
        register("Leave it to a person", approval=PENDING, then="Describe model"),
        register("Register model"),
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
        # Another training runs.
        *skip_states(
            pipeline,
            text("Another training of the model runs: {}", path(HOLDER)),
            ended="Training skipped",
            catch=failing,
        ),
        # A job failed: try again if AWS had no machine for it.
        *capacity_states(
            Rule(is_present(unreadable(CHAMPION)), then="Evaluate against champion"),
            Rule(is_present(CHAMPION), then="Has champion?"),
            Rule(is_present("$.prepare"), then="Train model"),
            otherwise="Prepare data",
            failed=cause_question("champion"),
        ),
        *failure_states(pipeline, {"hyperparameters": json_text(path("$.hyperparameters"))}),
    )
