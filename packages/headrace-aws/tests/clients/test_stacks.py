"""A stack, by the AWS command line: packaged, deployed, changed, used, deleted."""

import json
import time
from pathlib import Path

from clients_shell import Shell, ended

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Description: A machine that greets.
Parameters:
  Greeting: { Type: String, Default: hello, Description: What it says. }
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: states.amazonaws.com }, Action: sts:AssumeRole }]
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: greeter
      RoleArn: !GetAtt Role.Arn
      DefinitionS3Location: greeter.asl.json
      DefinitionSubstitutions: { Greeting: !Ref Greeting }
  Guests:
    Type: AWS::SNS::Topic
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: { TopicName: greeter-guests }
Outputs:
  Machine: { Value: !Ref Machine, Description: Its ARN., Export: { Name: greeter-machine } }
  Guests: { Value: !Ref Guests, Description: The topic. }
"""
DEFINITION = {"StartAt": "Greet", "States": {"Greet": {"Type": "Pass", "Result": "${Greeting}", "End": True}}}
OF_STACK = ("--stack-name", "greeter")


def test_a_stack_from_its_template_to_its_deletion(shell: Shell, tmp_path: Path) -> None:
    """`package` brings the definition to S3, a change set tells what will change, and what is retained stays."""
    template, packaged = tmp_path / "greeter.yaml", tmp_path / "packaged.yaml"
    template.write_text(TEMPLATE)
    (tmp_path / "greeter.asl.json").write_text(json.dumps(DEFINITION))

    valid = shell.shown("cloudformation", "validate-template", "--template-body", f"file://{template}")
    assert valid["Parameters"][0] == {
        "ParameterKey": "Greeting",
        "DefaultValue": "hello",
        "NoEcho": False,
        "Description": "What it says.",
    }
    assert valid["Capabilities"] == ["CAPABILITY_IAM"]
    shell.aws(
        *("cloudformation", "package", "--template-file", str(template), "--s3-bucket", shell.fork.bucket),
        *("--s3-prefix", "packages", "--output-template-file", str(packaged)),
    )
    assert f"Bucket: {shell.fork.bucket}" in packaged.read_text()

    deploy = ("cloudformation", "deploy", "--template-file", str(packaged), *OF_STACK)
    assert "Requires capabilities : [CAPABILITY_IAM]" in shell.refused(*deploy)
    deploy = (*deploy, "--capabilities", "CAPABILITY_IAM")
    assert "Successfully created/updated stack - greeter" in shell.aws(*deploy)
    time.sleep(1)  # the command names its change sets by the second
    assert "No changes to deploy. Stack greeter is up to date" in shell.aws(
        *deploy, "--no-fail-on-empty-changeset"
    )

    changes = (*OF_STACK, "--change-set-name", "louder")
    shell.aws(
        *("cloudformation", "create-change-set", *changes, "--use-previous-template"),
        *("--parameters", "ParameterKey=Greeting,ParameterValue=HELLO", "--capabilities", "CAPABILITY_IAM"),
    )
    shell.aws("cloudformation", "wait", "change-set-create-complete", *changes)
    described = shell.shown("cloudformation", "describe-change-set", *changes)
    changed = [change["ResourceChange"] for change in described["Changes"]]
    assert [(one["LogicalResourceId"], one["Action"], one["Replacement"]) for one in changed] == [
        ("Machine", "Modify", "False")
    ]
    shell.aws("cloudformation", "execute-change-set", *changes)
    shell.aws("cloudformation", "wait", "stack-update-complete", *OF_STACK)
    stack = shell.shown("cloudformation", "describe-stacks", *OF_STACK)["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    exports = {one["Name"]: one["Value"] for one in shell.shown("cloudformation", "list-exports")["Exports"]}
    assert exports["greeter-machine"] == outputs["Machine"]
    resources = shell.shown("cloudformation", "list-stack-resources", *OF_STACK)["StackResourceSummaries"]
    assert {one["LogicalResourceId"] for one in resources} == {"Role", "Machine", "Guests"}

    started = shell.shown("stepfunctions", "start-execution", "--state-machine-arn", outputs["Machine"])
    of_execution = ("stepfunctions", "describe-execution", "--execution-arn", started["executionArn"])
    assert json.loads(shell.eventually(ended, *of_execution)["output"]) == "HELLO"

    shell.aws("cloudformation", "delete-stack", *OF_STACK)
    shell.aws("cloudformation", "wait", "stack-delete-complete", *OF_STACK)
    assert "Stack with id greeter does not exist" in shell.refused(
        "cloudformation", "describe-stacks", *OF_STACK
    )
    topics = shell.shown("sns", "list-topics")["Topics"]
    assert {"TopicArn": outputs["Guests"]} in topics
    of_machine = ("stepfunctions", "describe-state-machine", "--state-machine-arn", outputs["Machine"])
    assert "StateMachineDoesNotExist" in shell.refused(*of_machine)


def test_a_deployment_that_cannot_be_goes_back(shell: Shell, tmp_path: Path) -> None:
    """The command fails, the stack's events name the resource, and nothing is left."""
    template = tmp_path / "broken.yaml"
    template.write_text(
        "Resources:\n"
        "  First: { Type: AWS::SNS::Topic, Properties: { TopicName: broken-first } }\n"
        "  Second:\n"
        "    Type: AWS::StepFunctions::StateMachine\n"
        "    DependsOn: First\n"
        "    Properties: { DefinitionString: '{}', RoleArn: 'arn:aws:iam::000000000000:role/nobody' }\n"
    )
    deploy = ("cloudformation", "deploy", "--template-file", str(template), "--stack-name", "broken")
    assert "Failed to create/update the stack" in shell.refused(*deploy)
    events = shell.shown("cloudformation", "describe-stack-events", "--stack-name", "broken")["StackEvents"]
    failed = [one for one in events if one["ResourceStatus"] == "CREATE_FAILED"]
    assert failed[0]["LogicalResourceId"] == "Second"
    assert events[0]["ResourceStatus"] == "ROLLBACK_COMPLETE"
    topics = [one["TopicArn"] for one in shell.shown("sns", "list-topics")["Topics"]]
    assert not [arn for arn in topics if arn.endswith(":broken-first")]
