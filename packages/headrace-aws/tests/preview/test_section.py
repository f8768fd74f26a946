"""What a preview says in the comment of its pull request."""

from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from botocore.config import Config

from headrace_aws.config.environment import Environment
from headrace_aws.config.project import load_project
from headrace_aws.preview.context import Preview
from headrace_aws.preview.sample import Sample
from headrace_aws.preview.section import PreviewResult, section
from headrace_aws.registry.packages import Package
from headrace_aws.runs.failure import Failure
from headrace_aws.session import AwsSession

PROJECT = load_project()
ACCOUNT = Environment(account="333333333333", region="eu-west-1", approval="auto")
FOUND = AwsSession("dev", ACCOUNT, boto3.Session("a", "b", region_name="eu-west-1"), Config())
PREVIEW = Preview(FOUND, PROJECT, "toy", 12, "toy-pr-12")
CHAMPION = Package(
    arn="arn:aws:sagemaker:eu-west-1:333333333333:model-package/p-toy/7",
    group="p-toy",
    version=7,
    approval="Approved",
    approval_note="",
    registered_at=datetime(2026, 1, 1, tzinfo=UTC),
    changed_at=datetime(2026, 1, 1, tzinfo=UTC),
    artefact="",
    image="",
    evaluation="",
    execution="",
    commit="",
    data_fingerprint="",
    code_fingerprint="",
)
RULE = {"name": "roc_auc at least 0.6 | in every slice", "value": 0.5, "limit": 0.6, "passed": False}
EVALUATION = {
    "metrics": {"rows": 40, "roc_auc": 0.5},
    "constant": {"rows": 40, "roc_auc": 0.5},
    "champion": {"rows": 40, "roc_auc": 0.71234},
    "verdict": {"summary": "The model is refused: too bad.", "rules": [RULE]},
}
REFUSED = PreviewResult(
    PREVIEW,
    "0123456789abcdef",
    "20261122T000000-abcdef",
    Sample("visits", 200, 2000),
    CHAMPION,
    failure=None,
    output={"decision": "refused", "report": "s3://bucket/toy-pr-12/report.html"},
    evaluation=EVALUATION,
)


def test_a_verdict_is_reported_with_its_figures() -> None:
    """Headline, sentence, a row a rule, a row a metric against the champion, and links into the console."""
    text = section(REFUSED)
    for expected in (
        "### Preview of `toy`: refused by the gate\n",
        "Commit 0123456789ab, trained in dev on the newest 200 of 2,000 rows of `visits`.",
        "The model is refused: too bad.",
        r"| **failed** | roc_auc at least 0.6 \| in every slice | 0.5000 | 0.6000 |  |",
        "The champion is p-toy version 7, on the same rows.",
        "| roc_auc | 0.5000 | 0.7123 | 0.5000 |",
        "- Report: [console](https://eu-west-1.console.aws.amazon.com/s3/object/bucket?region=eu-west-1&prefix=",
        "toy-pr-12/report.html), `s3://bucket/toy-pr-12/report.html`",
        "execution:headrace-toy-pr-12-training:20261122T000000-abcdef",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            replace(REFUSED, champion=None, evaluation={**EVALUATION, "champion": None}),
            "No version is approved yet, so there is no champion",
        ),
        (
            replace(REFUSED, evaluation={**EVALUATION, "champion": None, "champion_note": "other features"}),
            "Not compared with the champion, p-toy version 7: other features",
        ),
        (replace(REFUSED, sample=None), "trained in dev on all raw data."),
        (
            replace(REFUSED, output={"decision": "skipped", "summary": "Another runs."}, evaluation={}),
            "### Preview of `toy`: not trained\n",
        ),
        (
            replace(REFUSED, failure=Failure("States.TaskFailed", "```oh```"), output={}, evaluation={}),
            "### Preview of `toy`: the run failed\n",
        ),
        (
            replace(REFUSED, failure=Failure("States.TaskFailed", "```oh```"), output={}, evaluation={}),
            "States.TaskFailed:\n\n```\n'''oh'''\n```\n\nRemedy: mend what it names",
        ),
    ],
    ids=["no-champion", "incomparable", "no-table-of-events", "skipped", "failed", "its-words"],
)
def test_what_is_missing_is_reported(result: PreviewResult, expected: str) -> None:
    """A reader learns why there is no comparison or no verdict, in the run's own words, which cannot break out."""
    assert expected in section(result)
