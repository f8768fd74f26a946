"""The bookkeeping pipeline: records the executions that could not record themselves.

After an execution was stopped or timed out none of its states runs, and an error of its own data (`States.Runtime`)
goes past every catcher. An event tells of such an end and starts this pipeline, with the event as input.
"""

import pipelines
from headrace_aws.asl import placeholders
from headrace_aws.asl.expressions import Payload, merged, path, text
from headrace_aws.asl.jobs import Pipeline
from headrace_aws.asl.outcomes import EXPLANATION, call, failure_states, notify
from headrace_aws.asl.retries import CONDITION_FAILED, catch
from headrace_aws.asl.states import Fields, Rule, choice, compute, is_equal, is_like, machine, succeed
from headrace_aws.config.project import Project

NAME = "bookkeeping"
ENDS = {"ABORTED": "aborted", "TIMED_OUT": "timed-out", "FAILED": "failed"}
# The execution that ended, as DescribeExecution answers.
EXECUTION = path("$.ended.ExecutionArn")
STARTED_AT, ENDED_AT, NAMED = path("$.ended.StartDate"), path("$.ended.StopDate"), path("$.ended.Name")


def definition(project: Project, model_name: str) -> Fields:
    """Return the state machine that records such executions of one model's pipelines."""
    pipeline = Pipeline(project.name, model_name, NAME)
    failing = catch(EXPLANATION)
    names = [recorded.NAME for recorded in pipelines.PIPELINES if recorded.NAME != NAME]
    item: dict[str, Payload] = {
        "model": model_name,
        "run": text("{}#{}", STARTED_AT, NAMED),
        "pipeline": path("$.was.name"),
        "execution": EXECUTION,
        "status": path("$.how.status"),
        "started_at": STARTED_AT,
        "ended_at": ENDED_AT,
        "commit": placeholders.GIT_COMMIT,
        "image": placeholders.IMAGE_URI,
        "error": path("$.failure.error.Error"),
        "cause": path("$.failure.error.Cause"),
    }
    return machine(
        f"Record the executions of {model_name} that could not record themselves.",
        compute(
            "Read event",
            {
                "trigger": "event",
                "execution": path("$.detail.executionArn"),
                "unexplained": {"Error": path("$.detail.status"), "Cause": "No cause was given."},
            },
        ),
        call(
            "Look at the execution",
            "aws-sdk:sfn:describeExecution",
            {"ExecutionArn": path("$.execution")},
            at="$.ended",
            catch=failing,
        ),
        compute("Explain its end", {"error": merged(path("$.unexplained"), path("$.ended"))}, at="$.failure"),
        choice(
            "Which pipeline was it?",
            *(
                Rule(is_like("$.execution", f"*:{project.name}-{model_name}-{name}:*"), then=f"It was {name}")
                for name in names
            ),
            otherwise="Not ours",
        ),
        *(compute(f"It was {name}", {"name": name}, at="$.was", then="How did it end?") for name in names),
        choice(
            "How did it end?",
            *(
                Rule(is_equal("$.ended.Status", status), then=f"It was {word}")
                for status, word in ENDS.items()
            ),
            otherwise="Not ours",
        ),
        *(
            compute(f"It was {word}", {"status": word}, at="$.how", then="Record run")
            for word in ENDS.values()
        ),
        call(
            "Record run",
            "dynamodb:putItem",
            {
                "TableName": placeholders.RUN_TABLE,
                "Item": {key: {"S": value} for key, value in item.items()},
                # Most that fail have told so themselves, and one may be stopped after it had told its end.
                "ConditionExpression": "attribute_not_exists(model)",
            },
            catch=(
                {"ErrorEquals": [CONDITION_FAILED], "ResultPath": "$.taken", "Next": "Run recorded"},
                *failing,
            ),
            never_retry=(CONDITION_FAILED,),
        ),
        notify(
            "Notify",
            pipeline,
            "run ended early",
            text("{}: {} Run: {}", path("$.failure.error.Error"), path("$.failure.error.Cause"), EXECUTION),
            then="Run recorded",
        ),
        succeed("Run recorded", path("$.execution")),
        succeed("Not ours", path("$.execution")),
        *failure_states(pipeline),
    )
