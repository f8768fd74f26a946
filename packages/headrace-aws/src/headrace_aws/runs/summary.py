"""How a run ended, in words: the verdict with its figures, or what failed and what to do."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headrace_aws import formatting
from headrace_aws.runs.failure import Failure
from headrace_aws.runs.history import Visit
from headrace_aws.s3_objects import ObjectError, json_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOG_LINES = 20
STOPPED = "Stopped"  # the error of an execution that `--stop` ended
_REMEDIES = {
    STOPPED: "none is needed, a person stopped it",
    "States.Timeout": "the job took longer than timeout_seconds of its step in project.toml: raise it, or give "
    "the step a larger instance_type",
    "SageMaker.ResourceLimitExceededException": "the account's quota for this instance type is used up: ask for "
    "more in Service Quotas, or name another instance_type in project.toml",
}
# What SageMaker and S3 say of an input that a job cannot be given, and what helps.
_INPUTS = {
    "No S3 objects found": "put back a former version of what it names; raw tables are put there by `make data`, and instead of a "
    "model that is rejected (`make reject`) the one before is used",
    "NoSuchKey": "put back a former version of what it names",
    "KMS.": "enable the key again, or cancel its deletion",
}
_FORBIDDEN = "the role that it names lacks a permission: see infra/stacks/pipelines.yaml"
_DEFAULT_REMEDY = "mend what it names and run again"


def verdict_lines(evaluation: Mapping[str, Any]) -> list[str]:
    """Return the gate's verdict: its sentence, each rule with its figure, and the metrics side by side."""
    verdict = evaluation["verdict"]
    rules = rule_rows(verdict, "FAILED")
    return [
        verdict["summary"],
        "",
        *formatting.columns([["gate", "rule", "found", "limit", ""], *rules]),
        "",
        *formatting.columns(_metric_rows(evaluation)),
        *([f"no champion: {note}"] if (note := evaluation.get("champion_note")) else []),
    ]


def rule_rows(verdict: Mapping[str, Any], failed: str) -> list[list[str]]:
    """Return a row for each rule of the gate: `passed` or the word `failed`, name, figure, limit and note."""
    return [
        [
            "passed" if rule["passed"] else failed,
            rule["name"],
            formatting.figure(rule["value"]),
            formatting.figure(rule["limit"]),
            rule.get("note", ""),
        ]
        for rule in verdict["rules"]
    ]


def result_lines(output: Mapping[str, Any]) -> list[str]:
    """Return what a run without a gate tells: its sentence, and its metrics."""
    metrics = [[name, formatting.figure(value)] for name, value in output.get("metrics", {}).items()]
    parts = [
        [output["summary"]] if "summary" in output else [],
        formatting.columns(metrics) if metrics else [],
        [f"predictions {output['predictions']}"] if "predictions" in output else [],
    ]
    return [text for part in parts if part for text in (*part, "")]


def failure_lines(visit: Visit | None, failure: Failure, log: Sequence[str], log_command: str) -> list[str]:
    """Return what failed, in the job's own words, the end of its log, and the remedy."""
    found = [["state", visit.state if visit else "none"]]
    if visit and visit.jobs:
        found.append(["job", visit.jobs[-1].name])
    first, *others = failure.words.splitlines() or [""]
    found += [["error", failure.error], ["it said", first], *(["", other] for other in others)]
    lines = formatting.columns(found)
    if log:
        lines += ["", f"the end of its log, all of which `{log_command}` prints:"]
        lines += [f"  {text}" for text in log]
    return [*lines, "", f"remedy: {remedy(failure)}"]


def remedy(failure: Failure) -> str:
    """Return what helps against a failure."""
    if failure.remedy:
        return failure.remedy
    # Each service has a name of its own for this; the words are the same.
    if "AccessDenied" in failure.cause or "is not authorized to perform" in failure.cause:
        return _FORBIDDEN
    found = (remedy for words, remedy in _INPUTS.items() if words in failure.cause)
    return next(found, _REMEDIES.get(failure.error, _DEFAULT_REMEDY))


def evaluation_at(s3: "S3Client", uri: str) -> dict[str, Any]:
    """Return the evaluation of a run or of a version; raise `ObjectError` when it cannot be read."""
    purpose, remedy = "the evaluation of a model", "put back a former version of the object, or train anew"
    found = json_of(s3, uri, purpose, remedy)
    for key in ("verdict", "metrics"):
        if not isinstance(found.get(key), dict):
            raise ObjectError(f"{uri} is of another version, it has no {key}; it is {purpose}: {remedy}")
    return found


def _metric_rows(evaluation: Mapping[str, Any]) -> list[list[str]]:
    judged = {name: evaluation.get(name) for name in ("metrics", "constant", "champion")}
    heads = ["metric", "model", "constant", "champion"]
    return [
        heads,
        *(
            [name, *(formatting.figure(values[name]) if values else "-" for values in judged.values())]
            for name in evaluation["metrics"]
        ),
    ]
