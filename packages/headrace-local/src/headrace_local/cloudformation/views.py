"""Stacks and change sets in the form in which the API shows them."""

from typing import Any

from headrace_local.cloudformation import exports
from headrace_local.cloudformation.drift_views import drift_information, stack_drift_view
from headrace_local.cloudformation.goal import needed_capability
from headrace_local.cloudformation.parameters import HIDDEN, is_hidden
from headrace_local.cloudformation.state import Change, ChangeSet, Detail, Event, Resource, Stack, Stacks
from headrace_local.grammars.template import Template, parsed

View = dict[str, Any]


def stack_view(stack: Stack) -> View:
    """Return a stack as DescribeStacks shows it."""
    template = parsed(stack.template) if stack.template else None
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": stack.change_set_id,
        "Description": template.description if template else None,
        "Parameters": parameter_views(template, stack.parameters, stack.values) if template else [],
        "CreationTime": stack.created,
        "DeletionTime": stack.deleted,
        "LastUpdatedTime": stack.updated,
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "DisableRollback": stack.disable_rollback,
        "NotificationARNs": stack.notification_arns,
        "Capabilities": stack.capabilities,
        "Outputs": [
            {
                "OutputKey": output.key,
                "OutputValue": output.value,
                "Description": output.description,
                "ExportName": output.export,
            }
            for output in stack.outputs
        ]
        or None,  # AWS leaves the key out
        "RoleARN": stack.role_arn,
        "Tags": tag_views(stack.tags),
        "EnableTerminationProtection": stack.termination_protection,
        "DriftInformation": stack_drift_view(stack),
    }


def parameter_views(template: Template, texts: dict[str, str], values: dict[str, Any]) -> list[View]:
    """Return parameters as they may be shown: NoEcho ones without their value."""
    views = []
    for name, text in texts.items():
        declaration = template.parameters.get(name, {})
        view = {"ParameterKey": name, "ParameterValue": HIDDEN if is_hidden(declaration) else text}
        if str(declaration.get("Type", "")).startswith("AWS::SSM::") and name in values:
            view["ResolvedValue"] = str(values[name])
        views.append(view)
    return views


def tag_views(tags: dict[str, str]) -> list[View]:
    """Return tags as a list of Key and Value."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def summary_view(stack: Stack) -> View:
    """Return a stack as ListStacks shows it."""
    full = stack_view(stack)
    return {
        "TemplateDescription": full["Description"],
        **{
            key: full[key]
            for key in (
                "StackId",
                "StackName",
                "CreationTime",
                "LastUpdatedTime",
                "DeletionTime",
                "StackStatus",
                "StackStatusReason",
                "DriftInformation",
            )
        },
    }


def resource_view(stack: Stack, resource: Resource) -> View:
    """Return a resource as each of the operations on resources shows it; they take what they know."""
    return {
        "StackName": stack.name,
        "StackId": stack.id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "Timestamp": resource.time,
        "LastUpdatedTimestamp": resource.time,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
        "DriftInformation": drift_information(stack, resource),
    }


def event_view(stack: Stack, event: Event) -> View:
    """Return an event as DescribeStackEvents shows it."""
    return {
        "StackId": stack.id,
        "EventId": event.id,
        "StackName": stack.name,
        "LogicalResourceId": event.logical_id,
        "PhysicalResourceId": event.physical_id,
        "ResourceType": event.type,
        "Timestamp": event.time,
        "ResourceStatus": event.status,
        "ResourceStatusReason": event.reason,
        "ResourceProperties": event.properties,
    }


def change_set_view(change_set: ChangeSet, stack: Stack, *, values: bool) -> View:
    """Return a change set as DescribeChangeSet shows it, with the properties' values if desired."""
    return {
        **change_set_summary(change_set, stack),
        "Parameters": parameter_views(parsed(change_set.template), change_set.parameters, {}),
        "NotificationARNs": change_set.notification_arns,
        "Capabilities": change_set.capabilities,
        "Tags": tag_views(change_set.tags),
        "RollbackConfiguration": {},
        "OnStackFailure": change_set.on_failure,
        "Changes": [
            {"Type": "Resource", "ResourceChange": _change_view(change, values=values)}
            for change in change_set.changes
        ],
    }


def change_set_summary(change_set: ChangeSet, stack: Stack) -> View:
    """Return a change set as ListChangeSets shows it."""
    return {
        "ChangeSetName": change_set.name,
        "ChangeSetId": change_set.id,
        "StackId": stack.id,
        "StackName": stack.name,
        "Description": change_set.description,
        "CreationTime": change_set.created,
        "ExecutionStatus": change_set.execution_status,
        "Status": change_set.status,
        "StatusReason": change_set.reason,
        "IncludeNestedStacks": False,
    }


def _change_view(change: Change, *, values: bool) -> View:
    view: View = {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "PhysicalResourceId": change.physical_id,
        "ResourceType": change.type,
        "PolicyAction": change.policy,
        "Scope": list(dict.fromkeys(detail.attribute for detail in change.details)),
        "Details": [_detail_view(detail, values=values) for detail in change.details],
    }
    if change.action == "Modify":
        view["Replacement"] = "True" if change.replacement else "False"
    return view


def _detail_view(detail: Detail, *, values: bool) -> View:
    target: View = {
        "Attribute": detail.attribute,
        "Name": detail.name,
        "RequiresRecreation": "Always" if detail.recreates else "Never",
    }
    if values:
        target.update(BeforeValue=detail.before, AfterValue=detail.after)
    return {
        "Target": target,
        "Evaluation": "Dynamic" if detail.source == "ResourceReference" else "Static",
        "ChangeSource": detail.source,
        "CausingEntity": detail.cause,
    }


def export_views(store: Stacks) -> list[View]:
    """Return all exports."""
    return [
        {"ExportingStackId": stack.id, "Name": name, "Value": output.value}
        for name, (stack, output) in exports.exporters(store).items()
    ]


def template_summary(template: Template) -> View:
    """Return what GetTemplateSummary and ValidateTemplate tell of a template."""
    capability = needed_capability(template)
    return {
        "Capabilities": [capability] if capability else [],
        "Description": template.description,
        "Version": "2010-09-09",
        "ResourceTypes": sorted({resource["Type"] for resource in template.resources.values()}),
        "Parameters": [
            {
                "ParameterKey": name,
                "DefaultValue": None if "Default" not in declaration else str(declaration["Default"]),
                "ParameterType": declaration.get("Type", "String"),
                "NoEcho": is_hidden(declaration),
                "Description": declaration.get("Description"),
                "ParameterConstraints": {
                    "AllowedValues": [str(each) for each in declaration.get("AllowedValues", [])]
                },
            }
            for name, declaration in template.parameters.items()
        ],
    }
