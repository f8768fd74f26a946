"""Change sets: what they show, what executing them does."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

OUTPUTS = {"Name": {"Value": {"Ref": "P"}}}


def _execute(cloud: Any, change_set: Any) -> None:
    cloud.cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])


def test_a_new_stack_is_reviewed_before_it_is_made(cloud: Any) -> None:
    """CREATE leaves REVIEW_IN_PROGRESS and nothing else; executing it makes resources and outputs."""
    name = cloud.name("parameter")
    made = cloud.change_set({"P": cloud.parameter(name, "1")}, kind="CREATE", Outputs=OUTPUTS)
    client = cloud.cloudformation
    client.get_waiter("change_set_create_complete").wait(ChangeSetName=made["ChangeSetId"])
    assert (made["Status"], made["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    change = made["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["LogicalResourceId"]) == ("Add", "P")
    assert cloud.stack()["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert client.list_stack_resources(StackName=cloud.name("stack"))["StackResourceSummaries"] == []
    _execute(cloud, made)
    client.get_waiter("stack_create_complete").wait(StackName=cloud.name("stack"))
    assert cloud.outputs() == {"Name": name}
    done = client.describe_change_set(ChangeSetName=made["ChangeSetId"])
    assert done["ExecutionStatus"] == "EXECUTE_COMPLETE"
    with pytest.raises(ClientError, match="InvalidChangeSetStatus"):
        _execute(cloud, made)


def test_an_update_says_what_it_changes_and_why(cloud: Any) -> None:
    """Added, modified and removed resources, with the property, its values and the parameter behind it."""
    kept, gone, new = cloud.name("kept"), cloud.name("gone"), cloud.name("new")
    sections = {"Parameters": {"X": {"Type": "String"}}}
    kept_resource = cloud.parameter(kept, {"Fn::Sub": "value ${X}"})
    cloud.create({"Kept": kept_resource, "Gone": cloud.parameter(gone, "1")}, texts={"X": "1"}, **sections)
    made = cloud.change_set(
        {"Kept": kept_resource, "New": cloud.parameter(new, "1")}, texts={"X": "2"}, **sections
    )
    changes = {
        each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in made["Changes"]
    }
    assert {key: each["Action"] for key, each in changes.items()} == {
        "Kept": "Modify",
        "New": "Add",
        "Gone": "Remove",
    }
    assert changes["Kept"]["Replacement"] == "False"
    assert changes["Kept"]["Scope"] == ["Properties"]
    detail = changes["Kept"]["Details"][0]
    assert (detail["ChangeSource"], detail["CausingEntity"]) == ("ParameterReference", "X")
    target = detail["Target"]
    assert (target["Name"], target["BeforeValue"], target["AfterValue"]) == ("Value", "value 1", "value 2")
    ssm = cloud.client("ssm")
    assert ssm.get_parameter(Name=kept)["Parameter"]["Value"] == "value 1"
    _execute(cloud, made)
    cloud.cloudformation.get_waiter("stack_update_complete").wait(StackName=cloud.name("stack"))
    assert ssm.get_parameter(Name=kept)["Parameter"]["Value"] == "value 2"
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=gone)


def test_no_change_is_a_failed_change_set(cloud: Any) -> None:
    """With AWS's reason, by which `aws cloudformation deploy` knows that nothing is to be done."""
    resources = {"P": cloud.parameter(cloud.name("parameter"), "1")}
    cloud.create(resources)
    made = cloud.change_set(resources, Description="another text alone changes nothing")
    assert made["Status"] == "FAILED"
    assert made["StatusReason"] == (
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set."
    )
    with pytest.raises(ClientError, match="cannot be executed"):
        _execute(cloud, made)
    with_output = cloud.change_set(resources, Outputs=OUTPUTS)
    assert (with_output["Status"], with_output["Changes"]) == ("CREATE_COMPLETE", [])
    _execute(cloud, with_output)
    assert cloud.outputs() == {"Name": cloud.name("parameter")}


def test_what_only_a_new_resource_tells_is_marked(cloud: Any) -> None:
    """A plan for a new key does not fail on the pattern of its ARN, nor on taking the ARN apart."""
    resources = {
        "Key": {"Type": "AWS::KMS::Key"},
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}},
        "P": cloud.parameter(
            cloud.name("p"), {"Fn::Select": [3, {"Fn::Split": [":", {"Fn::GetAtt": ["Key", "Arn"]}]}]}
        ),
    }
    made = cloud.change_set(resources, kind="CREATE")
    assert made["Status"] == "CREATE_COMPLETE", made["StatusReason"]
    _execute(cloud, made)
    assert cloud.client("ssm").get_parameter(Name=cloud.name("p"))["Parameter"]["Value"] == "us-east-1"


def test_a_failed_execution_rolls_back(cloud: Any) -> None:
    """The stack's status tells, and the change set says EXECUTE_FAILED."""
    name = cloud.name("parameter")
    made = cloud.change_set({"P": cloud.parameter(name, "1"), "Broken": cloud.broken("P")}, kind="CREATE")
    _execute(cloud, made)
    assert cloud.stack()["StackStatus"] == "ROLLBACK_COMPLETE"
    done = cloud.cloudformation.describe_change_set(ChangeSetName=made["ChangeSetId"])
    assert done["ExecutionStatus"] == "EXECUTE_FAILED"
    with pytest.raises(ClientError, match="already exists and cannot be created again"):
        cloud.change_set({"P": cloud.parameter(name, "1")}, kind="CREATE")


def test_change_sets_are_listed_forgotten_and_outdated(cloud: Any) -> None:
    """Executing one makes the others obsolete; a deleted one is gone; deleting it twice is fine."""
    name, client = cloud.name("parameter"), cloud.cloudformation
    cloud.create({"P": cloud.parameter(name, "1")})
    one, two, three = (cloud.change_set({"P": cloud.parameter(name, text)}) for text in "234")
    client.delete_change_set(ChangeSetName=three["ChangeSetId"])
    client.delete_change_set(ChangeSetName=three["ChangeSetId"])
    _execute(cloud, one)
    listed = client.list_change_sets(StackName=cloud.name("stack"))["Summaries"]
    states = {each["ChangeSetName"]: each["ExecutionStatus"] for each in listed}
    assert states == {one["ChangeSetName"]: "EXECUTE_COMPLETE", two["ChangeSetName"]: "OBSOLETE"}
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        client.describe_change_set(ChangeSetName=three["ChangeSetName"], StackName=cloud.name("stack"))
