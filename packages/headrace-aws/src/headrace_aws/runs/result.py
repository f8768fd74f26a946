"""Say how an execution ended, and write its page and its report into files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from headrace import strict_json
from headrace.errors import HeadraceError
from headrace.unforeseen import system_words
from headrace_aws.config.root import shown
from headrace_aws.runs.pipeline import DeployedPipeline
from headrace_aws.runs.report.page import write_run_report
from headrace_aws.runs.snapshot import RunSnapshot, with_details
from headrace_aws.runs.summary import evaluation_at, failure_lines, result_lines, verdict_lines
from headrace_aws.s3_objects import ObjectError, download
from headrace_aws.whole_files import write_whole

SUCCEEDED = 0
FAILED = 1
REFUSED = 3
# Decisions of a run that ended well and did not do what it was for.
_UNDONE = frozenset({"refused", "skipped"})

Say = Callable[[str], None]


def say_result(pipeline: DeployedPipeline, run: RunSnapshot, say: Say, folder: Path) -> int:
    """Say how an execution ended, write its files into the folder, and return the exit status."""
    seconds = (run.end - run.execution["startDate"]).total_seconds()
    say("")
    if run.failure:
        say(f"{run.execution['status']} after {seconds:.1f} s")
        job = run.failed.jobs[-1].name if run.failed and run.failed.jobs else ""
        command = pipeline.command("logs", JOB=job)
        for text in failure_lines(run.failed, run.failure, run.log, command):
            say(text)
        _write_files(pipeline, run, "", say, folder)
        return FAILED
    output = strict_json.loads(run.execution["output"], "the output")
    decision = output.get("decision", "succeeded")
    say(f"{decision} after {seconds:.1f} s  {output.get('model_package_arn', '')}".rstrip())
    for text in _output_lines(pipeline, output):
        say(text)
    _write_files(pipeline, run, output.get("report", ""), say, folder)
    return REFUSED if decision in _UNDONE else SUCCEEDED


def _output_lines(pipeline: DeployedPipeline, output: Mapping[str, Any]) -> list[str]:
    if "evaluation" not in output:
        return result_lines(output)
    try:
        return [*verdict_lines(evaluation_at(pipeline.s3, output["evaluation"])), ""]
    except ObjectError as error:  # how the run ended does not depend on it
        return [str(output.get("verdict", {}).get("summary", "")), str(error), ""]


def _write_files(pipeline: DeployedPipeline, run: RunSnapshot, report: str, say: Say, folder: Path) -> None:
    """Write the report (an S3 URI, or empty) and the page; how the run ended does not depend on them."""
    page: Path | str
    try:
        run = with_details(run, pipeline)
        page = write_run_report(run, folder)
    except (BotoCoreError, ClientError, HeadraceError) as error:
        page = str(error)
    except OSError as error:
        page = system_words(error)
    if report:
        file = folder / "report.html"
        html = next((each.html for each in run.reports if each.uri == report), None)
        try:
            if html is None:
                download(pipeline.s3, report, file, "the report of the run", "run again")
            else:
                write_whole(file, html)
            say(f"report {shown(file)}")
            say(f"       {report}")
        except ObjectError as error:
            say(f"report {error}")
        except OSError as error:
            say(f"report {report}")
            say(f"       which is not copied here: {system_words(error)}")
    say(
        f"run    {shown(page)}"
        if isinstance(page, Path)
        else f"the page of the run cannot be written: {page}"
    )
