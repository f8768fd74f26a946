"""Drift in the form in which the API shows it."""

from collections.abc import Iterable
from typing import Any

from headrace_local.cloudformation.drift import CHECKED
from headrace_local.cloudformation.state import Drift, Resource, Stack

View = dict[str, Any]


def detection_view(stack: Stack) -> View:
    """Return the last detection of a stack as DescribeStackDriftDetectionStatus shows it."""
    found = stack.drift
    if found is None:
        raise ValueError(f"drift of {stack.name} has not been detected yet")
    return {
        "StackId": stack.id,
        "StackDriftDetectionId": found.id,
        "StackDriftStatus": found.status,
        "DetectionStatus": "DETECTION_FAILED" if found.reason else "DETECTION_COMPLETE",
        "DetectionStatusReason": found.reason,
        "DriftedStackResourceCount": found.drifted,
        "Timestamp": found.time,
    }


def stack_drift_view(stack: Stack) -> View:
    """Return the drift as DescribeStacks describes it."""
    if stack.drift is None:
        return {"StackDriftStatus": "NOT_CHECKED"}
    return {"StackDriftStatus": stack.drift.status, "LastCheckTimestamp": stack.drift.time}


def drift_information(stack: Stack, resource: Resource) -> View:
    """Return what the operations on resources tell of drift."""
    found = stack.drifts.get(resource.logical_id, Drift())
    if found.status not in CHECKED:
        return {"StackResourceDriftStatus": found.status}
    return {"StackResourceDriftStatus": found.status, "LastCheckTimestamp": found.time}


def resource_drift_views(stack: Stack, statuses: Iterable[str] | None) -> list[View]:
    """Return the checked resources of a stack, of these statuses only if any are given.

    As on AWS a resource of a type that cannot be checked is not among them.
    """
    desired = set(statuses or CHECKED)
    return [
        resource_drift_view(stack, resource, found)
        for name, resource in stack.resources.items()
        if (found := stack.drifts.get(name, Drift())).status in desired and found.status in CHECKED
    ]


def resource_drift_view(stack: Stack, resource: Resource, found: Drift) -> View:
    """Return the drift of one resource."""
    return {
        "StackId": stack.id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id,
        "ResourceType": resource.type,
        "ExpectedProperties": found.expected,
        "ActualProperties": found.actual,
        "PropertyDifferences": [
            {
                "PropertyPath": each.path,
                "ExpectedValue": each.expected,
                "ActualValue": each.actual,
                "DifferenceType": each.kind,
            }
            for each in found.differences
        ],
        "StackResourceDriftStatus": found.status,
        "Timestamp": found.time,
    }
