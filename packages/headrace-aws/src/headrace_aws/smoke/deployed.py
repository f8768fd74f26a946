"""Whether what is deployed is the release: stacks, state machines, their logs, and what starts them."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from headrace import strict_json
from headrace.files import file_text
from headrace_aws import naming
from headrace_aws.release.manifest import Release
from headrace_aws.session import AwsSession
from headrace_aws.smoke.check import Check, failed, passed
from headrace_aws.smoke.remedy import deploy_command
from headrace_aws.stacks import desired
from headrace_aws.stacks.change_set import DesiredStack
from headrace_aws.stacks.deployed import deployed_stack
from headrace_local.grammars.template import parsed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeStateMachineOutputTypeDef

# A stack that went back is complete, too: its template and parameters are checked.
_COMPLETE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"})
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_SCHEDULED = ("retraining", "inference", "quality")
# The rules of the automation stack; the last one records what ended early, and is enabled everywhere.
_SWITCHED_RULES = ("new-data", "drift")
_LASTING_RULE = "early-end"


def deployed_checks(aws: AwsSession, release: Release, model: str) -> Iterator[Check]:
    """Yield one check for each stack and each kind of thing that the stacks made for a model."""
    for stack in desired.stacks(aws, release, model):
        yield _stack_check(aws, release, stack)
    yield _machines_check(aws, release, model)
    yield _logs_check(aws, release, model)
    yield _automation_check(aws, release, model)


def substituted(wanted_text: str, deployed_text: str) -> Mapping[str, str] | None:
    """Return what stands for each `${Name}` of a definition in a deployed one; None when they differ otherwise."""
    pattern, seen = "", set()
    pieces = _PLACEHOLDER.split(_canonical(wanted_text))
    for text, name in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        pattern += re.escape(text)
        if name:
            pattern += f"(?P={name})" if name in seen else f'(?P<{name}>[^"]*?)'
            seen.add(name)
    match = re.fullmatch(pattern, _canonical(deployed_text))
    return match.groupdict() if match else None


def _canonical(definition: str) -> str:
    return strict_json.dumps(strict_json.loads(definition, "the definition"), sort_keys=True)


def _stack_check(aws: AwsSession, release: Release, stack: DesiredStack) -> Check:
    cloudformation: CloudFormationClient = aws.client("cloudformation")
    subject = f"stack {stack.name}"
    there = deployed_stack(aws, stack.name)
    if there is None:
        return failed(subject, "there is none", deploy_command(aws, release))
    status = there.status
    if status not in _COMPLETE:
        return failed(
            subject, status, f"see its events, mend what they name, then {deploy_command(aws, release)}"
        )
    differing = [
        f"{name} is {there.parameters.get(name, 'missing')}, and {release.name} wants {value}"
        for name, value in stack.parameters.items()
        if there.parameters.get(name) != value
    ]
    body = cloudformation.get_template(StackName=stack.name)["TemplateBody"]
    if _plain(str(body)) != _plain(file_text(stack.template)):
        differing.append(f"its template is not that of {release.name}")
    if differing:
        return failed(
            subject,
            "\n".join([f"{status}, but not {release.name}", *differing]),
            deploy_command(aws, release),
        )
    return passed(subject, f"{status}, as {release.name} has it")


def _plain(template: str) -> str:
    """Return a template as CloudFormation gives it back: what is not ASCII becomes a question mark."""
    return template.strip().encode("ascii", "replace").decode()


def _machines_check(aws: AwsSession, release: Release, model: str) -> Check:
    """Return whether each state machine is active and does what the release has, in its image, by its commit."""
    subject, faults = "state machines", []
    definitions = desired.definitions(release, model)
    expected = {"ImageUri": release.image_uri(aws.environment), "GitCommit": release.commit}
    for pipeline, (file, _) in definitions.items():
        machine = _machine(aws, naming.state_machine_arn(release.project, aws.environment, model, pipeline))
        if machine is None:
            faults.append(f"{pipeline}: there is none")
            continue
        if (status := machine.get("status")) != "ACTIVE":
            faults.append(f"{pipeline} is {status}")
        values = substituted(file_text(file), machine["definition"])
        if values is None:
            faults.append(f"{pipeline} does something else than {release.name} has")
            continue
        faults += [
            f"{pipeline} has {name} {values[name]}, and {release.name} has {value}"
            for name, value in expected.items()
            if values.get(name, value) != value
        ]
    if faults:
        return failed(subject, "\n".join([f"not {release.name}", *faults]), deploy_command(aws, release))
    image = expected["ImageUri"].partition("@")[2] or expected["ImageUri"]
    return passed(subject, f"{len(definitions)} active, commit {release.commit[:12]}, image {image}")


def _machine(aws: AwsSession, arn: str) -> "DescribeStateMachineOutputTypeDef | None":
    states: SFNClient = aws.client("stepfunctions")
    try:
        return states.describe_state_machine(stateMachineArn=arn)
    except states.exceptions.StateMachineDoesNotExist:
        return None


def _logs_check(aws: AwsSession, release: Release, model: str) -> Check:
    """Return whether the log groups of the state machines exist, and keep their logs as long as project.toml says.

    There is one a model; a release from before 2026-12 has one a pipeline.
    """
    client: CloudWatchLogsClient = aws.client("logs")
    retention = aws.environment.logs_retention_in_days
    template = parsed(file_text(release.template("pipelines")))
    names = [
        resource["Properties"]["LogGroupName"]["Fn::Sub"]
        .replace("${ProjectName}", release.project.name)
        .replace("${ModelName}", model)
        for resource in template.resources.values()
        if resource["Type"] == "AWS::Logs::LogGroup"
    ]
    pages = client.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=naming.pipelines_log_group(release.project, model)
    )
    kept = {
        group["logGroupName"]: group.get("retentionInDays") for page in pages for group in page["logGroups"]
    }
    faults = [
        f"{name} {'is missing' if name not in kept else f'keeps {kept[name]} days'}"
        for name in names
        if kept.get(name) != retention
    ]
    if faults:
        return failed("logs", "\n".join(["not as project.toml says", *faults]), deploy_command(aws, release))
    return passed("logs", f"kept for {retention} days")


def _automation_check(aws: AwsSession, release: Release, model: str) -> Check:
    """Return whether schedules and rules exist, and are enabled where the environment starts pipelines by itself."""
    environment, prefix = aws.environment, f"{release.project.name}-{model}"
    switch = "ENABLED" if environment.automation else "DISABLED"
    expected = {
        f"schedule {pipeline}": switch for pipeline in _SCHEDULED if getattr(environment.schedules, pipeline)
    }
    expected |= {f"rule {rule}": switch for rule in _SWITCHED_RULES} | {f"rule {_LASTING_RULE}": "ENABLED"}
    actual = {
        **_schedules(aws, naming.schedule_group(release.project, model), f"{prefix}-"),
        **_rules(aws, f"{prefix}-"),
    }
    faults = [
        f"{name} is {actual.get(name, 'missing')}, and should be {expected.get(name, 'gone')}"
        for name in sorted({*expected, *actual})
        if actual.get(name) != expected.get(name)
    ]
    if faults:
        return failed(
            "automation", "\n".join(["not as project.toml says", *faults]), deploy_command(aws, release)
        )
    return passed("automation", f"schedules and rules are {switch}")


def _schedules(aws: AwsSession, group: str, prefix: str) -> dict[str, str]:
    scheduler = aws.client("scheduler")
    states = {}
    for pipeline in _SCHEDULED:
        try:
            schedule = scheduler.get_schedule(GroupName=group, Name=f"{prefix}{pipeline}")
        except scheduler.exceptions.ResourceNotFoundException:
            continue
        states[f"schedule {pipeline}"] = str(schedule["State"])
    return states


def _rules(aws: AwsSession, prefix: str) -> dict[str, str]:
    events = aws.client("events")
    states = {}
    for rule in (*_SWITCHED_RULES, _LASTING_RULE):
        try:
            states[f"rule {rule}"] = str(events.describe_rule(Name=f"{prefix}{rule}")["State"])
        except events.exceptions.ResourceNotFoundException:
            continue
    return states
