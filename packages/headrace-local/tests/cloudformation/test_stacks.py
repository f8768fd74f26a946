"""The life of a stack: updated, replaced, deleted, and its exports."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

HANDLE = {"Type": "AWS::CloudFormation::WaitConditionHandle"}


def test_a_replacement_is_made_before_the_old_one_goes(cloud: Any) -> None:
    """Who refers to a replaced resource gets the new one; the old one is deleted at the end."""
    old, new, user = cloud.name("old"), cloud.name("new"), cloud.name("user")

    def resources(name: str) -> dict[str, Any]:
        return {"Named": cloud.parameter(name, "1"), "User": cloud.parameter(user, {"Ref": "Named"})}

    cloud.create(resources(old))
    change_set = cloud.change_set(resources(new))
    changes = {
        each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in change_set["Changes"]
    }
    assert changes["Named"]["Replacement"] == "True"
    assert changes["Named"]["PolicyAction"] == "ReplaceAndDelete"
    assert changes["User"]["Replacement"] == "False"
    assert changes["User"]["Details"][0]["CausingEntity"] == "Named"
    cloud.update(resources(new))
    assert (cloud.stored(old), cloud.stored(new), cloud.stored(user)) == (None, "1", new)


def test_retained_resources_stay(cloud: Any) -> None:
    """DeletionPolicy keeps what is removed or deleted with its stack, UpdateReplacePolicy what is replaced."""
    removed, replaced, deleted = cloud.name("removed"), cloud.name("replaced"), cloud.name("deleted")
    keep = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    cloud.create(
        {
            "Removed": cloud.parameter(removed, "1", **keep),
            "Replaced": cloud.parameter(replaced, "1", **keep),
            "Deleted": cloud.parameter(deleted, "1", DeletionPolicy="RetainExceptOnCreate"),
        }
    )
    cloud.update(
        {
            "Replaced": cloud.parameter(f"{replaced}-anew", "1", UpdateReplacePolicy="Retain"),
            "Deleted": cloud.parameter(deleted, "1", DeletionPolicy="RetainExceptOnCreate"),
        }
    )
    cloud.delete()
    assert [cloud.stored(name) for name in (removed, replaced, deleted)] == ["1", "1", "1"]
    assert cloud.stored(f"{replaced}-anew") is None


def test_an_update_without_changes_is_refused(cloud: Any) -> None:
    """UpdateStack says so in AWS's words; a parameter that only a Sub uses is a change."""
    name = cloud.name("parameter")
    resources = {"P": cloud.parameter(name, {"Fn::Sub": "value ${X}"})}
    sections = {"Parameters": {"X": {"Type": "String"}}}
    cloud.create(resources, texts={"X": "1"}, **sections)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloud.update(resources, texts={"X": "1"}, **sections)
    cloud.update(resources, texts={"X": "2"}, **sections)
    assert cloud.stored(name) == "value 2"


def test_a_stack_s_tags_reach_its_resources(cloud: Any) -> None:
    """The resource's own tags win; a change of the stack's tags alone is an update."""
    name = cloud.name("parameter")
    resource = cloud.parameter(name, "1")
    resource["Properties"]["Tags"] = {"own": "1"}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "own", "Value": "1"}]}}
    resources = {"P": resource, "Topic": topic}
    cloud.create(resources, Tags=[{"Key": "own", "Value": "stack"}, {"Key": "team", "Value": "a"}])
    cloud.update(resources, Tags=[{"Key": "team", "Value": "b"}])
    ssm = cloud.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    sns = cloud.client("sns").list_tags_for_resource(ResourceArn=cloud.physical_id("Topic"))["Tags"]
    for tags in (ssm, sns):
        assert {tag["Key"]: tag["Value"] for tag in tags} == {"own": "1", "team": "b"}


def test_exports_are_imported_and_guarded(cloud: Any) -> None:
    """An export in use can be neither deleted nor changed, and no name is exported twice."""
    name, export = cloud.name("parameter"), cloud.name("export")

    def outputs(value: str) -> dict[str, Any]:
        return {"Out": {"Value": value, "Export": {"Name": export}}}

    importer = {"P": cloud.parameter(name, {"Fn::ImportValue": {"Fn::Sub": export}})}
    cloud.create(importer, stack="early", ends="ROLLBACK_COMPLETE")
    assert f"No export named {export} found" in cloud.reasons("early")["P"]
    cloud.create({"A": HANDLE}, stack="exporter", Outputs=outputs("one"))
    cloud.create(importer, stack="importer")
    assert cloud.stored(name) == "one"
    imports = cloud.cloudformation.list_imports(ExportName=export)["Imports"]
    assert imports == [cloud.name("importer")]
    assert {"Name": export, "Value": "one", "ExportingStackId": cloud.stack("exporter")["StackId"]} in (
        cloud.cloudformation.list_exports()["Exports"]
    )
    with pytest.raises(ClientError, match="cannot be deleted as it is in use by"):
        cloud.delete("exporter")
    cloud.update({"A": HANDLE}, stack="exporter", Outputs=outputs("two"), ends="UPDATE_ROLLBACK_COMPLETE")
    assert cloud.outputs("exporter") == {"Out": "one"}
    cloud.create({"A": HANDLE}, stack="second", Outputs=outputs("x"), ends="ROLLBACK_COMPLETE")
    cloud.delete("importer")
    cloud.delete("exporter")
    cloud.create({"A": HANDLE}, stack="third", Outputs=outputs("x"))


def test_a_deleted_stack_is_known_by_its_id(cloud: Any) -> None:
    """Its name is free again; list_stacks and describe_stacks by ARN still show it; deleting twice is fine."""
    stack = cloud.create({"A": HANDLE})
    assert stack["EnableTerminationProtection"] is False
    client = cloud.cloudformation
    client.update_termination_protection(StackName=stack["StackName"], EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection"):
        cloud.delete()
    client.update_termination_protection(StackName=stack["StackName"], EnableTerminationProtection=False)
    cloud.delete()
    client.get_waiter("stack_delete_complete").wait(StackName=stack["StackName"])
    cloud.delete()
    assert client.describe_stacks(StackName=stack["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    deleted = client.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert stack["StackId"] in [each["StackId"] for each in deleted]
    assert cloud.create({"A": HANDLE})["StackId"] != stack["StackId"]


def test_an_attribute_that_no_resource_has_fails_by_name(cloud: Any) -> None:
    """In a property it fails the resource, in an output the stack; stock moto answers 500."""
    attribute = {"Fn::GetAtt": ["A", "Nonsense"]}
    cloud.create({"A": HANDLE, "P": cloud.parameter(cloud.name("p"), attribute)}, ends="ROLLBACK_COMPLETE")
    assert "resource A does not support attribute type Nonsense" in cloud.reasons()["P"]
    cloud.create({"A": HANDLE}, stack="output", Outputs={"O": {"Value": attribute}}, ends="ROLLBACK_COMPLETE")
    events = cloud.cloudformation.describe_stack_events(StackName=cloud.name("output"))["StackEvents"]
    assert any("attribute type Nonsense" in event.get("ResourceStatusReason", "") for event in events)


def test_an_operation_that_is_not_known_is_refused_by_name(cloud: Any) -> None:
    """The client hears which operation is missing, not an Internal Server Error."""
    with pytest.raises(ClientError, match="does not know EstimateTemplateCost"):
        cloud.cloudformation.estimate_template_cost(TemplateBody="{}")


def test_stacks_of_two_accounts_see_nothing_of_each_other(cloud: Any, local_aws: Any) -> None:
    """A stack's resources are made in the account of the request."""
    account = "111122223333"
    name = cloud.name("parameter")
    there = local_aws.client("cloudformation", account)
    template = cloud.template({"P": cloud.parameter(name, {"Ref": "AWS::AccountId"})})
    there.create_stack(StackName=cloud.name("stack"), TemplateBody=template)
    stored = local_aws.client("ssm", account).get_parameter(Name=name)["Parameter"]["Value"]
    assert (stored, cloud.stored(name)) == (account, None)
    with pytest.raises(ClientError, match="does not exist"):
        cloud.stack()
    there.delete_stack(StackName=cloud.name("stack"))
