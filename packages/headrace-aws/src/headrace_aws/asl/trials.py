"""Many trainings in one run: split the data, train and score each trial, put the results together.

Cross-validation and backtesting differ in how the data is split, by which job a trial is scored, and in what the
results tell. A trial that fails is written down beside the results of the others, and the rest goes on: the job
that puts them together decides whether too many failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headrace_aws.asl.capacity_retry import START, capacity_states, question
from headrace_aws.asl.expressions import EXECUTION, Expression, Payload, json_text, merged, path, text
from headrace_aws.asl.failure_files import FILE, failure_file_states
from headrace_aws.asl.inputs import UNEXPLAINED
from headrace_aws.asl.jobs import Pipeline, processing_job, training_job
from headrace_aws.asl.outcomes import EXPLANATION, failure_states, notify, read_file, record
from headrace_aws.asl.retries import catch
from headrace_aws.asl.states import Rule, State, compute, each, end, is_present, succeed
from headrace_aws.config.project import Model, TrialRuns

TRIAL = path("$.trial")  # the trial's name, inside the loop
SUMMARY = "$.summary.content"
_OF_A_TRIAL = " for a trial"
ON_TRIAL_ERROR = question(_OF_A_TRIAL)  # where an error of a job inside the loop goes
_TURN = "$$.Map.Item.Value"
_FAILED = "Describe trial's failure"


@dataclass(frozen=True)
class Score:
    """The job that scores a trial, and where its results lie, such as `evaluate/evaluation/`: a folder a trial."""

    state: State
    results: str


def of_part(pipeline: Pipeline, name: str) -> Expression:
    """Return the S3 URI of what `split` wrote for a trial's part of the data, such as its `test` rows."""
    return pipeline.uri(f"split/parts/{{}}/{name}/", path("$.part"))


def split_state(pipeline: Pipeline, model: Model, arguments: Sequence[Payload]) -> State:
    """Return the state that splits the raw tables into the parts of all trials."""
    return processing_job(
        "Split data",
        pipeline,
        "split",
        model.jobs.split,
        arguments=["--model", model.package, *arguments],
        inputs={"raw": path("$.raw")},
        outputs=("parts", "trials"),
        on_error=question(),
    )


def trial_states(pipeline: Pipeline, model: Model, settings: TrialRuns, score: Score) -> tuple[State, State]:
    """Return the states that read the list of trials, and train and score each of them."""
    trial = pipeline.of(TRIAL)
    train = training_job(
        "Train trial",
        trial,
        "train",
        model.jobs.train,
        arguments=["--model", model.package],
        hyperparameters=path("$.hyperparameters"),
        channels={name: of_part(pipeline, name) for name in ("train", "validation", "profile")},
        on_error=ON_TRIAL_ERROR,
    )
    failing = catch(EXPLANATION)
    return (
        read_file("Read trials", pipeline.key("split/trials/trials.json"), at="$.plan", catch=failing),
        each(
            "Each trial",
            path("$.plan.content.trials"),
            {
                "trial": path(f"{_TURN}.trial"),
                "part": path(f"{_TURN}.part"),
                "hyperparameters": merged(path("$.hyperparameters"), path(f"{_TURN}.hyperparameters")),
                "capacity": START,
                "unexplained": UNEXPLAINED,
            },
            train,
            score.state,
            # All that is left of a turn: the results of all are one state's data, 256 KiB at most.
            end(compute("Trial is done", {"trial": TRIAL})),
            *capacity_states(
                Rule(is_present("$.train"), then=score.state.name),
                otherwise=train.name,
                failed=_FAILED,
                of=_OF_A_TRIAL,
            ),
            *failure_file_states(
                _FAILED,
                "Keep trial's failure",
                pipeline.key(f"{score.results}{{}}/{FILE}", TRIAL),
                at="$.failure",
                catch=catch("Trial is done"),
                then="Trial is done",
            ),
            concurrency=settings.concurrency,
            catch=failing,
        ),
    )


def summary_states(  # noqa: PLR0913 - a result has this many independent parts, all named
    pipeline: Pipeline,
    model: Model,
    settings: TrialRuns,
    *,
    score: Score,
    arguments: Sequence[Payload] = (),
    attributes: Mapping[str, Expression],
) -> tuple[State, ...]:
    """Return the states that put the results together, record and tell them, and those of every failure.

    Args:
        pipeline: whose run it is.
        model: of whose jobs.
        settings: by which metric, and how many failures are tolerated.
        score: the job that scored each trial.
        arguments: of the job, beyond these.
        attributes: of the record, beyond those that every run has.

    """
    failing = catch(EXPLANATION)
    report = pipeline.uri("aggregate/report/report.html")
    summary = path(f"{SUMMARY}.summary")
    outcome: Mapping[str, Payload] = {
        "decision": "summarised",
        "summary": summary,
        "metrics": path(f"{SUMMARY}.metrics"),
        "report": report,
    }
    return (
        processing_job(
            "Put results together",
            pipeline,
            "aggregate",
            model.jobs.aggregate,
            arguments=[
                *("--pipeline", pipeline.name),
                *("--metric", settings.metric),
                *("--tolerated", str(settings.tolerated_failures)),
                *arguments,
            ],
            inputs={"trials": pipeline.uri("split/trials/"), "results": pipeline.uri(score.results)},
            outputs=("summary", "report"),
            on_error=question(),
        ),
        read_file(
            "Read summary", pipeline.key("aggregate/summary/summary.json"), at="$.summary", catch=failing
        ),
        compute("Describe result", outcome, at="$.outcome"),
        record(
            "Record run",
            pipeline,
            "summarised",
            {
                "summary": summary,
                "metrics": json_text(path("$.outcome.metrics")),
                "data_fingerprint": path(f"{SUMMARY}.data_fingerprint"),
                "report": report,
                "hyperparameters": json_text(path("$.hyperparameters")),
                **attributes,
            },
            catch=failing,
        ),
        notify(
            "Notify",
            pipeline,
            "results",
            text("{} Report: {} Run: {}", summary, report, EXECUTION),
            then="Results are there",
        ),
        succeed("Results are there", path("$.outcome")),
        *capacity_states(
            Rule(is_present("$.plan"), then="Put results together"),
            otherwise="Split data",
            failed=EXPLANATION,
        ),
        *failure_states(pipeline),
    )
