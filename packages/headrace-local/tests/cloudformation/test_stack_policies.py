"""Stack policies: what an update may not touch, and that the stack is then as it was."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": list(statements)})


def statement(effect: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Principal": "*", "Resource": resource, **more}


ALLOW = statement("Allow", "Update:*")
OF_PARAMETERS = {"StringEquals": {"ResourceType": ["AWS::SSM::Parameter"]}}


@pytest.mark.parametrize(
    ("statements", "change", "reason"),
    [
        (
            [ALLOW, statement("Deny", "Update:Replace", "LogicalResourceId/P*")],
            "replace",
            "Statement [#2] does not allow [Update:Replace] for resource [LogicalResourceId/P];",
        ),
        (
            [statement("Deny", "Update:Delete", Condition=OF_PARAMETERS), ALLOW],
            "delete",
            "Statement [#1] does not allow [Update:Delete] for resource [LogicalResourceId/P];",
        ),
        (
            [statement("Allow", "Update:*", "LogicalResourceId/Other")],
            "modify",
            "No statement allows [Update:Modify] for resource [LogicalResourceId/P];",
        ),
        ([ALLOW, statement("Deny", ["Update:Replace", "Update:Delete"])], "modify", None),  # type: ignore[arg-type]
        ([ALLOW, statement("Deny", "Update:*", "LogicalResourceId/Other")], "replace", None),
        (
            [
                ALLOW,
                statement(
                    "Deny", "Update:*", Condition={"StringEquals": {"ResourceType": ["AWS::S3::Bucket"]}}
                ),
            ],
            "delete",
            None,
        ),
    ],
)
def test_a_policy_is_asked_on_update(
    cloud: Any, statements: list[dict[str, Any]], change: str, reason: str | None
) -> None:
    """A Deny that applies, or no Allow, fails the resource in AWS's words, and all is put back."""
    name, other = cloud.name("parameter"), cloud.name("other")
    before = {"P": cloud.parameter(name, "1"), "Other": cloud.parameter(other, "1")}
    cloud.create(before)
    cloud.cloudformation.set_stack_policy(StackName=cloud.name("stack"), StackPolicyBody=policy(*statements))
    after = {
        "replace": {**before, "P": cloud.parameter(f"{name}-anew", "1")},
        "delete": {"Other": before["Other"]},
        "modify": {**before, "P": cloud.parameter(name, "2")},
    }[change] | {"New": cloud.parameter(cloud.name("new"), "1")}
    if reason is None:
        cloud.update(after)
        return
    cloud.update(after, ends="UPDATE_ROLLBACK_COMPLETE")
    assert cloud.reasons()["P"] == f"Action denied by stack policy: {reason}"
    assert (cloud.stored(name), cloud.stored(cloud.name("new"))) == ("1", None)
    made = cloud.cloudformation.describe_stack_resource(StackName=cloud.name("stack"), LogicalResourceId="P")
    assert made["StackResourceDetail"]["ResourceStatus"] == "CREATE_COMPLETE"


def test_a_policy_comes_with_the_stack_and_can_be_set_aside(cloud: Any) -> None:
    """StackPolicyBody at creation; StackPolicyDuringUpdateBody for one update; a change set is held to it as well."""
    name, deny = cloud.name("parameter"), policy(ALLOW, statement("Deny", "Update:Modify"))
    client, stack = cloud.cloudformation, cloud.name("stack")

    def resources(value: str) -> dict[str, Any]:
        return {"P": cloud.parameter(name, value)}

    cloud.stacks.append(stack)
    client.create_stack(StackName=stack, TemplateBody=cloud.template(resources("1")), StackPolicyBody=deny)
    assert client.get_stack_policy(StackName=stack)["StackPolicyBody"] == deny
    made = cloud.change_set(resources("2"))
    client.execute_change_set(ChangeSetName=made["ChangeSetId"])
    assert cloud.stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    client.update_stack(
        StackName=stack,
        TemplateBody=cloud.template(resources("3")),
        StackPolicyDuringUpdateBody=policy(ALLOW),
    )
    assert (cloud.stack()["StackStatus"], cloud.stored(name)) == ("UPDATE_COMPLETE", "3")
    assert client.get_stack_policy(StackName=stack)["StackPolicyBody"] == deny
    cloud.update(resources("4"), ends="UPDATE_ROLLBACK_COMPLETE")
    cloud.delete()  # which it does not speak of
    assert cloud.stored(name) is None


def test_what_is_no_policy_is_refused(cloud: Any) -> None:
    """Before anything is made; and a stack without one has none."""
    resources = {"P": cloud.parameter(cloud.name("p"), "1")}
    with pytest.raises(ClientError, match="Invalid stack policy"):
        cloud.cloudformation.create_stack(
            StackName=cloud.name("stack"), TemplateBody=cloud.template(resources), StackPolicyBody="{"
        )
    cloud.create(resources)
    assert "StackPolicyBody" not in cloud.cloudformation.get_stack_policy(StackName=cloud.name("stack"))


def test_a_policy_is_given_in_one_way(cloud: Any) -> None:
    """The refusal names the two parameters that were given, also for the policy of one update."""
    name = cloud.name("p")
    cloud.create({"P": cloud.parameter(name, "1")})
    both = {
        "StackPolicyDuringUpdateBody": policy(ALLOW),
        "StackPolicyDuringUpdateURL": "https://b.s3.amazonaws.com/p",
    }
    with pytest.raises(
        ClientError, match="specify both StackPolicyDuringUpdateURL and StackPolicyDuringUpdateBody"
    ):
        cloud.cloudformation.update_stack(
            StackName=cloud.name("stack"),
            TemplateBody=cloud.template({"P": cloud.parameter(name, "2")}),
            **both,
        )


def test_a_protected_stack_is_not_deleted(cloud: Any) -> None:
    """However it was made and updated: protection is the stack's, is shown, and stays until it is taken away."""
    name, client = cloud.name("p"), cloud.cloudformation
    made = cloud.change_set({"P": cloud.parameter(name, "1")}, kind="CREATE")
    client.update_termination_protection(StackName=cloud.name("stack"), EnableTerminationProtection=True)
    client.execute_change_set(ChangeSetName=made["ChangeSetId"])
    cloud.update({"P": cloud.parameter(name, "2")})
    assert cloud.stack()["EnableTerminationProtection"] is True
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is enabled"):
        cloud.delete()
    assert cloud.stored(name) == "2"
    client.update_termination_protection(StackName=cloud.name("stack"), EnableTerminationProtection=False)
    cloud.delete()
    assert cloud.stored(name) is None
