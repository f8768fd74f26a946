"""The page of a run, from its snapshot."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from reported_runs import Story

from headrace_aws.asl.diagrams.marks import Mark
from headrace_aws.asl.diagrams.scopes import START as BEGIN
from headrace_aws.runs.history import Job
from headrace_aws.runs.jobs import JobRun
from headrace_aws.runs.report.overlay import overlay
from headrace_aws.runs.report.page import headline, run_report
from headrace_aws.runs.report.timeline import ROWS_OF_A_MAP, timeline
from headrace_aws.runs.snapshot import JobReport, StoredObject

CAUSE = json.dumps({"ProcessingJobStatus": "Failed", "ExitMessage": "column 'age' is missing"})


def finished(count: int = 3, failing: frozenset[int] = frozenset()) -> Story:
    """Return a run that did everything."""
    story = Story()
    story.folds(count, failing)
    story.enter("Task", "Put together")
    story.schedule("together")
    story.leave("Task", "Put together")
    story.enter("Succeed", "Done")
    story.leave("Succeed", "Done")
    story.tell("ExecutionSucceeded")
    return story


def broken() -> Story:
    """Return a run whose last job failed."""
    story = Story()
    story.folds(1)
    story.enter("Task", "Put together")
    story.schedule("together")
    story.fail("States.TaskFailed", CAUSE)
    story.leave("Task", "Put together")
    story.enter("Fail", "Sorry")
    story.tell("ExecutionFailed")
    return story


class Page(HTMLParser):
    """What a browser would find: every tag with its attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


OUTPUT = {"decision": "refused", "verdict": {"summary": "The model is refused."}}
HEADLINES: dict[str, tuple[Story, str, dict[str, Any], tuple[str, str, str]]] = {
    "succeeded": (finished(), "SUCCEEDED", {"output": "{}"}, ("Succeeded", "", "passed")),
    "refused": (finished(), "SUCCEEDED", {"output": json.dumps(OUTPUT)}, ("Refused", "The model is refused.", "refused")),
    "no object": (finished(), "SUCCEEDED", {"output": "[1]"}, ("Succeeded", "", "passed")),
    "failed": (broken(), "FAILED", {"error": "States.TaskFailed", "cause": CAUSE}, ("Failed", "Put together: column 'age' is missing", "refused")),
    "stopped": (broken(), "ABORTED", {"error": "Stopped", "cause": "Stopped by a person."}, ("Stopped", "Sorry: Stopped by a person.", "refused")),
    "timed out": (broken(), "TIMED_OUT", {}, ("Timed out", "Sorry: no cause was given", "refused")),
}  # fmt: skip


@pytest.mark.parametrize("case", HEADLINES)
def test_the_headline_says_how_the_run_stands(case: str) -> None:
    """In a word, in a sentence, and in a colour; the page is whole for each."""
    story, status, execution, (word, sentence, style) = HEADLINES[case]
    snapshot = story.snapshot(status, execution=execution)
    found = headline(snapshot)
    assert (found.word, found.sentence, found.style) == (word, sentence, style)
    assert word in Page(run_report(snapshot)).text


def test_a_running_execution_says_where_it_is() -> None:
    """And when it was looked at, as it goes on."""
    story = Story()
    story.enter("Map", "Each fold")
    story.tell("MapStateStarted")
    snapshot = story.snapshot("RUNNING")
    assert headline(snapshot).sentence == "in Each fold"
    assert overlay(snapshot).marks["Each fold"].status == "running"
    assert "As of 2026-11-22 12:00:07 UTC" in Page(run_report(snapshot)).text


def test_an_execution_that_has_not_entered_a_state_has_a_page() -> None:
    """No state, no job, no file: said in words."""
    text = Page(run_report(Story().snapshot("RUNNING"))).text
    for words in ("No state took time.", "No job was begun.", "The run wrote no file."):
        assert words in text


def test_a_failure_is_reported_with_words_and_remedy() -> None:
    """State, job, error, the job's own words, the end of its log, and what to do."""
    execution = {"error": "States.TaskFailed", "cause": CAUSE}
    page = Page(run_report(broken().snapshot("FAILED", execution=execution, log=["reading", "breaking"])))
    for words in (
        "Put together",
        "together",
        "States.TaskFailed",
        "column 'age' is missing",
        "Remedy: ",
        "breaking",
    ):
        assert words in page.text


def test_states_are_marked_by_what_the_run_made_of_them() -> None:
    """The failing state, the states that it came through, those that it never saw, and the ways between."""
    run = overlay(broken().snapshot("FAILED", execution={"error": "States.TaskFailed", "cause": CAUSE}))
    assert {name: mark.status for name, mark in run.marks.items()} == {
        "Each fold": "succeeded",
        "Train": "succeeded",
        "Put together": "failed",
        "Sorry": "failed",
    }
    assert run.taken == {(BEGIN, "Each fold"), ("Each fold", "Put together"), ("Put together", "Sorry")}


def test_an_item_that_kept_its_failure_is_counted() -> None:
    """The iteration succeeded, and its task did not: the map tells of it."""
    snapshot = finished(8, frozenset({2, 5})).snapshot("SUCCEEDED")
    marks = overlay(snapshot).marks
    assert marks["Each fold"] == Mark(
        "caught", marks["Each fold"].seconds, iterations=8, succeeded=6, failed=2
    )
    assert marks["Each fold"].words.endswith("6 of 8, 2 failed")
    assert (marks["Train"].status, marks["Train"].visits) == ("caught", 8)


def test_time_has_a_row_for_each_state_and_each_item() -> None:
    """Bars stand where the state ran, in percent of the whole."""
    found = timeline(finished(2).snapshot("SUCCEEDED"))
    assert [(row.name, row.is_item) for row in found.rows] == [
        ("Each fold", False),
        ("Item 0", True),
        ("Item 1", True),
        ("Put together", False),
    ]
    bars = [bar for row in found.rows for bar in row.bars]
    assert all(0 <= bar.left <= bar.left + bar.width <= 100.001 for bar in bars)
    assert [place for place, _ in found.ticks] == sorted(place for place, _ in found.ticks)
    assert found.ticks[0] == (0, "0")


def test_hundreds_of_items_are_cut_short_and_those_that_failed_are_shown() -> None:
    """With a note of how many are left out; the page stays small."""
    snapshot = finished(400, frozenset({399})).snapshot("SUCCEEDED")
    rows = timeline(snapshot).rows
    items = [row for row in rows if row.is_item and row.bars]
    assert len(items) == ROWS_OF_A_MAP
    assert items[-1].name == "Item 399"
    assert "360 more items, none of them failed" in [row.name for row in rows]
    assert len(run_report(snapshot)) < 300_000


EVIL = "</code><script>alert('1')</script>\"'&amp;"


def test_whatever_comes_from_data_is_no_markup() -> None:
    """Names, inputs, outputs, errors, logs and reports are shown as they are, and run nowhere."""
    snapshot = broken().snapshot(
        "FAILED",
        [
            JobRun(
                EVIL,
                Job("ProcessingJob", EVIL),
                described={"ProcessingJobStatus": "Failed", "ExitMessage": EVIL},
            )
        ],
        execution={"error": EVIL, "cause": EVIL, "input": json.dumps({"triggered_by": EVIL}), "output": EVIL},
        log=[EVIL],
        objects=[StoredObject(f"s3://bucket/{EVIL}", 1)],
        reports=[JobReport("s3://bucket/evaluate/report/report.html", EVIL)],
    )
    page = Page(run_report(snapshot))
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert page.text.count(EVIL) >= 5
    (frame,) = (found for tag, found in page.tags if tag == "iframe")
    assert frame["srcdoc"] == EVIL
    assert frame["sandbox"] is None  # everything is forbidden to it


def test_the_page_needs_no_network() -> None:
    """Nothing is loaded: the only addresses are those that a person may follow."""
    html = run_report(finished().snapshot("SUCCEEDED", jobs=[JobRun("Train", Job("TrainingJob", "train-0"))]))
    page = Page(html)
    assert not [found for _, found in page.tags if found.get("src")]
    assert not [tag for tag, _ in page.tags if tag in {"link", "script", "img"}]
    assert "url(" not in html
    assert "@import" not in html


def test_jobs_have_their_machines_times_and_addresses() -> None:
    """On AWS as links into the console of the region."""
    snapshot = finished().snapshot(
        "SUCCEEDED",
        [
            JobRun(
                "Train",
                Job("TrainingJob", "train-0"),
                iteration=0,
                described={
                    "TrainingJobStatus": "Completed",
                    "ResourceConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.xlarge"},
                    "BillableTimeInSeconds": 30,
                    "InputDataConfig": [{"DataSource": {"S3DataSource": {"S3Uri": "s3://bucket/prepare/"}}}],
                    "ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/model.tar.gz"},
                },
            )
        ],
    )
    page = Page(run_report(snapshot))
    for words in (
        "Train, item 0",
        "Completed",
        "2 \N{MULTIPLICATION SIGN} ml.m5.xlarge",
        "1 min 0 s",
        "make logs ENV=dev JOB=train-0",
    ):
        assert words in re.sub(r"\s+", " ", page.text)
    addresses = [
        found["href"] for tag, found in page.tags if tag == "a" and not (found["href"] or "").startswith("#")
    ]
    console = "https://eu-west-1.console.aws.amazon.com"
    assert f"{console}/sagemaker/home?region=eu-west-1#/jobs/train-0" in addresses
    assert f"{console}/s3/buckets/bucket?region=eu-west-1&prefix=prepare/" in addresses
    assert f"{console}/s3/object/bucket?region=eu-west-1&prefix=model.tar.gz" in addresses
    assert all((address or "").startswith(console) for address in addresses)


def test_commit_image_and_starter_stand_at_the_top() -> None:
    """From the definition that ran, and from the input."""
    given = json.dumps({"triggered_by": "schedule"})
    text = Page(run_report(finished().snapshot("SUCCEEDED", execution={"input": given}))).text
    for words in ("0123456789ab", "image@sha256:1", "schedule"):
        assert words in text
