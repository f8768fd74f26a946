"""Detect what was changed by hand in the stacks: `headrace drift --env dev`.

CloudFormation compares each resource with its template. Exits with 1 when something differs or could not be
compared, and writes dist/drift.md, for an issue. (Drift of the data that a model scores is another thing: see
`src/headrace/drift`.)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace_aws import cli
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root
from headrace_aws.markdown import code, shortened, table
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks.deployed import NEVER_COMPLETE, deployed_stacks
from headrace_aws.waiting import DRIFT_DETECTION, wait_until_ended
from headrace_aws.whole_files import write_whole

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        DescribeStackResourceDriftsInputTypeDef,
        StackResourceDriftTypeDef,
    )

FILE = Path("dist/drift.md")
REMEDY = (
    "A deploy leaves it as it is, for CloudFormation compares templates. Change it back by hand, or by a change set "
    "with `--deployment-mode REVERT_DRIFT`, which shows first what it will do; or, if the change shall stay, write it "
    "into the template in infra/stacks and deploy."
)
_MINUTES = 30  # for the drift detection of one stack
_LONGEST = 300  # characters of a value


@dataclass(frozen=True)
class Difference:
    """A property that is not what the template says; of a resource that is gone, `property` is empty."""

    stack: str
    resource: str  # its name in the template, and its type
    property: str  # path in the resource's properties, such as /VersioningConfiguration/Status
    expected: str
    actual: str


@dataclass(frozen=True)
class DriftReport:
    """The differences in all stacks."""

    stacks: tuple[str, ...]
    differences: tuple[Difference, ...]
    unread: tuple[str, ...]  # why something could not be compared


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 1 with drift, or 2 with an error."""
    options = cli.environment_parser("drift", "Detect what was changed by hand.").parse_args(arguments)

    def command() -> int:
        project = load_project()
        return write_report(
            detect_drift(aws_session(project, options.env), project),
            options.env,
            project_root() / FILE,
            cli.say,
        )

    return cli.exit_status(command)


def write_report(report: DriftReport, environment: str, file: Path, say: Callable[[str], None]) -> int:
    """Print the report, write it as Markdown, and return the exit status."""
    for line in lines(report):
        say(line)
    write_whole(file, markdown(report, environment))
    return 1 if report.differences or report.unread else 0


def detect_drift(aws: AwsSession, project: Project) -> DriftReport:
    """Compare all stacks of the project with their resources, at once, which takes minutes on AWS.

    Raises:
        ConfigurationError: there is none, so that nothing would be compared.
    """
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    deployed = [stack for stack in deployed_stacks(aws, project) if stack.status not in NEVER_COMPLETE]
    if not deployed:
        raise ConfigurationError(
            f"{aws.name} has no stack of {project.name} in account {aws.account}, {aws.region}: nothing to compare"
        )
    stacks = [stack.name for stack in deployed if stack.status.endswith("_COMPLETE")]
    detections = {
        stack: cloudformation.detect_stack_drift(StackName=stack)["StackDriftDetectionId"] for stack in stacks
    }
    unread = [
        f"{stack.name}: it is {stack.status}, and is compared when it is complete"
        for stack in deployed
        if stack.name not in stacks
    ]
    unread += [
        f"{stack}: {reason}"
        for stack, detection in detections.items()
        if (reason := _reason_of_failure(cloudformation, stack, detection))
    ]
    differences = [
        each
        for stack in stacks
        for resource in _drifts(cloudformation, stack)
        for each in differences_of(stack, resource)
    ]
    return DriftReport(tuple(stacks), tuple(differences), tuple(unread))


def differences_of(stack: str, resource: "StackResourceDriftTypeDef") -> Iterator[Difference]:
    """Yield what differs in a resource, as DescribeStackResourceDrifts describes it."""
    name = f"{resource['LogicalResourceId']} ({resource['ResourceType']})"
    if resource["StackResourceDriftStatus"] == "DELETED":
        yield Difference(stack, name, "", resource.get("PhysicalResourceId", ""), "deleted")
    for each in resource.get("PropertyDifferences", []):
        yield Difference(
            stack, name, each["PropertyPath"], _short(each["ExpectedValue"]), _short(each["ActualValue"])
        )


def lines(report: DriftReport) -> list[str]:
    """Return the report for a terminal."""
    output = [
        line
        for each in report.differences
        for line in (
            f"{each.stack}: {each.resource} {each.property}".rstrip(),
            f"  expected {each.expected}",
            f"  actual   {each.actual}",
        )
    ]
    output += [f"could not be compared: {reason}" for reason in report.unread]
    if report.differences:
        return [*output, "", f"remedy: {REMEDY}"]
    return output or [f"no drift in {', '.join(report.stacks) or 'no stacks'}"]


def markdown(report: DriftReport, environment: str) -> str:
    """Return the report as the text of an issue."""
    rows = [
        [each.stack, each.resource, *map(_code, (each.property, each.expected, each.actual))]
        for each in report.differences
    ]
    parts = [f"Changed by hand in {environment}, in {len(report.stacks)} stacks compared:"]
    if rows:
        parts += ["\n".join(table(["stack", "resource", "property", "expected", "actual"], rows)), REMEDY]
    else:
        parts.append("Nothing.")
    if report.unread:
        parts.append("\n".join(["Could not be compared:", "", *(f"- {reason}" for reason in report.unread)]))
    return "\n\n".join(parts) + "\n"


def _reason_of_failure(cloudformation: "CloudFormationClient", stack: str, detection: str) -> str:
    """Wait for a detection; return why it failed for some resources, or an empty text."""
    reason = ""

    def status() -> str:
        nonlocal reason
        answer = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        reason = answer.get("DetectionStatusReason", "no reason was given")
        return answer["DetectionStatus"]

    ended = wait_until_ended(f"the drift detection of stack {stack}", status, DRIFT_DETECTION, _MINUTES)
    return reason if ended == "DETECTION_FAILED" else ""


def _drifts(cloudformation: "CloudFormationClient", stack: str) -> Iterator["StackResourceDriftTypeDef"]:
    request: DescribeStackResourceDriftsInputTypeDef = {
        "StackName": stack,
        "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"],
    }
    while True:
        answer = cloudformation.describe_stack_resource_drifts(**request)
        yield from answer["StackResourceDrifts"]
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def _short(value: str) -> str:
    """Return a value on one line, JSON without its layout, cut where it is long."""
    try:
        value = strict_json.dumps(strict_json.loads(value, "value"), separators=(",", ":"))
    except ValueError:
        value = " ".join(value.split())
    return shortened(value, _LONGEST)


def _code(text: str) -> str:
    return code(text, _LONGEST) if text else "the resource"
