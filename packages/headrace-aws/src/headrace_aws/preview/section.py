"""The section of a preview in the comment of its pull request, as Markdown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headrace_aws import formatting, naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.markdown import block, table
from headrace_aws.preview.context import Preview
from headrace_aws.preview.sample import Sample
from headrace_aws.registry.packages import Package
from headrace_aws.runs.failure import Failure
from headrace_aws.runs.report.links import execution_link, object_link
from headrace_aws.runs.summary import remedy, rule_rows

_WORD = {"registered": "passes the gate", "refused": "refused by the gate", "skipped": "not trained"}


@dataclass(frozen=True)
class PreviewResult:
    """How the training of a preview ended. Output and evaluation are empty where it has none."""

    preview: Preview
    commit: str
    execution: str  # its name
    sample: Sample | None
    champion: Package | None
    failure: Failure | None  # why the run ended badly; None when it ended well
    output: Mapping[str, Any]
    evaluation: Mapping[str, Any]


def section(result: PreviewResult) -> str:
    """Return the section: the verdict, each rule with its figure, the metrics, and where the report is."""
    preview = result.preview
    parts = [
        f"### Preview of `{preview.model}`: {_headline(result)}",
        f"Commit {result.commit[:12]}, trained in {preview.aws.name} on {_rows(result)}.",
        *(_judged(result) if result.evaluation else _unjudged(result)),
        "\n".join(_places(result)),
    ]
    return "\n\n".join(parts) + "\n"


def error_section(model: str, error: Exception) -> str:
    """Return the section of a preview that could not be created."""
    return f"### Preview of `{model}`: could not be created\n\n{block(str(error))}\n"


def _headline(result: PreviewResult) -> str:
    if result.failure:
        return "the run failed"
    decision: str = result.output["decision"]
    return _WORD.get(decision, decision)


def _rows(result: PreviewResult) -> str:
    sample = result.sample
    if sample is None:
        return "all raw data"
    return f"the newest {sample.rows:,} of {sample.of:,} rows of `{sample.table}`"


def _judged(result: PreviewResult) -> list[str]:
    evaluation = result.evaluation
    rules = rule_rows(evaluation["verdict"], "**failed**")
    heads = ["branch", "champion", "constant"]
    judged = [evaluation["metrics"], evaluation.get("champion") or {}, evaluation["constant"]]
    metrics = [[name, *(formatting.figure(of.get(name)) for of in judged)] for name in evaluation["metrics"]]
    return [
        evaluation["verdict"]["summary"],
        "\n".join(table(["gate", "rule", "found", "limit", "note"], rules)),
        _against(result),
        "\n".join(table(["metric", *heads], metrics)),
    ]


def _against(result: PreviewResult) -> str:
    """Return what the branch is compared with, and how far that is fair."""
    champion = result.champion
    if champion is None:
        return "No version is approved yet, so there is no champion to compare with."
    if not result.evaluation.get("champion"):
        return f"Not compared with the champion, {champion.name}: {result.evaluation.get('champion_note')}"
    return (
        f"The champion is {champion.name}, on the same rows. It was trained on all the data of its time, and the "
        "branch on the sample: expect the branch to be somewhat behind."
    )


def _unjudged(result: PreviewResult) -> list[str]:
    failure = result.failure
    if failure is None:
        return [str(result.output.get("summary", "The run ended without a verdict."))]
    return [f"{failure.error}:", block(failure.words), f"Remedy: {remedy(failure)}"]


def _places(result: PreviewResult) -> list[str]:
    """Return where report and run are: links into the console, which asks for a login, and the plain names."""
    preview = result.preview
    environment = preview.aws.environment
    machine = naming.state_machine_arn(preview.project, environment, preview.name, naming.TRAINING)
    execution = naming.execution_arn(machine, result.execution)
    found = {"Run": (result.execution, execution_link(environment.region, execution))}
    if report := result.output.get("report"):
        found = {"Report": (report, object_link(environment.region, report)), **found}
    if preview.aws.name == LOCAL:  # has no console
        return [f"- {what}: `{name}`" for what, (name, _) in found.items()]
    return [f"- {what}: [console]({link}), `{name}`" for what, (name, link) in found.items()]
