"""What CreateStateMachine and UpdateStateMachine accept."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_jobs import trust

PASS = {"Type": "Pass", "End": True}
GET = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
    "Parameters": {"Bucket": "b", "Key": "k"},
    "End": True,
}


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        pytest.param({"Do": {"Type": "Pass", "Next": "Gone"}}, "Gone", id="dangling"),
        pytest.param({"Do": PASS, "Lost": PASS}, "Lost", id="unreachable"),
        pytest.param(
            {"Do": GET | {"Resource": "arn:aws:states:::aws-sdk:s3:fetchObject"}},
            "not recognized",
            id="action",
        ),
        pytest.param(
            {"Do": GET | {"Resource": "arn:aws:states:::aws-sdk:glacier:listVaults"}}, "glacier", id="service"
        ),
        pytest.param(
            {"Do": GET | {"Resource": "arn:aws:states:::lambda:invoke"}}, "lambda:invoke", id="integration"
        ),
        pytest.param(
            {"Do": GET | {"Resource": "arn:aws:states:::sagemaker:createModel.sync"}},
            "not recognized",
            id="sync",
        ),
        pytest.param(
            {"Do": GET | {"Resource": "arn:aws:states:::sagemaker:createEndpoint"}},
            "does not know CreateEndpoint",
            id="refused",
        ),
        pytest.param(
            {"Do": GET | {"Resource": "arn:aws:states:::aws-sdk:sagemaker:createEndpoint"}},
            "does not know CreateEndpoint",
            id="refused, by the SDK",
        ),
        pytest.param({"Do": GET | {"Parameters": {"Bucket": "b"}}}, '"Key" is required', id="required"),
        pytest.param(
            {"Do": GET | {"Parameters": {"Bucket": "b", "Key": "k", "Kee.$": "$.k"}}},
            '"Kee" is not supported by Step Functions at /States/Do/Parameters',
            id="unknown",
        ),
        pytest.param(
            {
                "Each": {
                    "Type": "Map",
                    "ItemProcessor": {
                        "StartAt": "Do",
                        "States": {"Do": GET | {"Parameters": {"Bucket": "b", "Key": "k", "Kee": "k"}}},
                    },
                    "End": True,
                }
            },
            "/States/Each/ItemProcessor/States/Do/Parameters",
            id="nested",
        ),
        pytest.param({"Do": PASS | {"QueryLanguage": "JSONata"}}, "JSONata", id="jsonata"),
    ],
)
def test_a_bad_definition_is_refused_with_its_reason(
    machines: Any, states: dict[str, Any], reason: str
) -> None:
    """Each fault is InvalidDefinition, and the message names it; stock moto accepts them all."""
    with pytest.raises(machines.api.exceptions.InvalidDefinition) as refused:
        machines.make(states)
    assert reason in str(refused.value)


def test_a_definition_that_is_no_json_is_refused(machines: Any) -> None:
    """The message says where the JSON breaks."""
    with pytest.raises(machines.api.exceptions.InvalidDefinition, match="line 1 column 2"):
        machines.api.create_state_machine(name="broken", definition="{no json", roleArn=machines.role())


def test_a_role_that_does_not_exist_is_refused(machines: Any) -> None:
    """Step Functions has to be able to assume the role when the machine is made."""
    definition = json.dumps({"StartAt": "Do", "States": {"Do": PASS}})
    role = "arn:aws:iam::000000000000:role/nobody"
    with pytest.raises(ClientError, match=r"AccessDeniedException.*nobody"):
        machines.api.create_state_machine(name="no-role", definition=definition, roleArn=role)


def test_a_role_that_trusts_another_service_is_refused(machines: Any, local_aws: Any) -> None:
    """A role for jobs is none for state machines."""
    iam = local_aws.client("iam")
    made = iam.create_role(RoleName="for-jobs", AssumeRolePolicyDocument=trust("sagemaker"))
    definition = json.dumps({"StartAt": "Do", "States": {"Do": PASS}})
    with pytest.raises(ClientError, match="trust policy"):
        machines.api.create_state_machine(
            name="wrong-role", definition=definition, roleArn=made["Role"]["Arn"]
        )


def test_a_name_is_taken_once(machines: Any) -> None:
    """The same request again gives the same machine; another definition under the name is refused."""
    request = {
        "name": "taken",
        "definition": json.dumps({"StartAt": "Do", "States": {"Do": PASS}}),
        "roleArn": machines.role(),
    }
    first, second = (machines.api.create_state_machine(**request)["stateMachineArn"] for _ in range(2))
    assert first == second
    other = json.dumps({"StartAt": "Other", "States": {"Other": PASS}})
    with pytest.raises(machines.api.exceptions.StateMachineAlreadyExists):
        machines.api.create_state_machine(**request | {"definition": other})


def test_an_update_is_checked_as_well(machines: Any) -> None:
    """A bad definition does not replace a good one."""
    arn = machines.make({"Do": PASS})
    bad = json.dumps({"StartAt": "Gone", "States": {"Do": PASS}})
    with pytest.raises(machines.api.exceptions.InvalidDefinition):
        machines.api.update_state_machine(stateMachineArn=arn, definition=bad)
    good = json.loads(machines.api.describe_state_machine(stateMachineArn=arn)["definition"])
    assert good["StartAt"] == "Do"


def test_a_logging_configuration_is_kept(machines: Any) -> None:
    """LoggingConfiguration is accepted and described."""
    logging = {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [
            {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:/g:*"}}
        ],
    }
    arn = machines.api.create_state_machine(
        name="logged",
        definition=json.dumps({"StartAt": "Do", "States": {"Do": PASS}}),
        roleArn=machines.role(),
        loggingConfiguration=logging,
    )["stateMachineArn"]
    assert machines.api.describe_state_machine(stateMachineArn=arn)["loggingConfiguration"] == logging


def test_a_definition_can_be_validated(machines: Any) -> None:
    """ValidateStateMachineDefinition gives the reasons for which a machine would be refused, each with its place."""
    good = machines.api.validate_state_machine_definition(
        definition=json.dumps({"StartAt": "Do", "States": {"Do": PASS}})
    )
    assert (good["result"], good["diagnostics"], good["truncated"]) == ("OK", [], False)
    bad = machines.api.validate_state_machine_definition(
        definition=json.dumps({"StartAt": "Do", "States": {"Do": GET | {"Parameters": {"Bucket": "b"}}}})
    )
    (diagnostic,) = bad["diagnostics"]
    assert (bad["result"], diagnostic["severity"], diagnostic["code"]) == (
        "FAIL",
        "ERROR",
        "SCHEMA_VALIDATION_FAILED",
    )
    assert diagnostic["location"] == "/States/Do/Parameters"


def test_a_machine_has_tags(machines: Any) -> None:
    """Tags are given when a machine is made, added, and taken away."""
    arn = machines.api.create_state_machine(
        name="tagged",
        definition=json.dumps({"StartAt": "Do", "States": {"Do": PASS}}),
        roleArn=machines.role(),
        tags=[{"key": "a", "value": "1"}],
    )["stateMachineArn"]
    machines.api.tag_resource(resourceArn=arn, tags=[{"key": "b", "value": "2"}, {"key": "a", "value": "3"}])
    machines.api.untag_resource(resourceArn=arn, tagKeys=["b"])
    assert machines.api.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "3"}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}}, "ToleratedFailureCount": 1},
            "DISTRIBUTED",
        ),
        (
            {"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}},
            "EXPRESS|STANDARD",
        ),
        (
            {
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "MANIFEST"},
                    "Parameters": {"Bucket": "b", "Key": "k"},
                }
            },
            "MANIFEST",
        ),
        (
            {
                "ResultWriter": {
                    "Resource": "arn:aws:states:::s3:putObject",
                    "WriterConfig": {"OutputType": "JSONL"},
                    "Parameters": {"Bucket": "b"},
                }
            },
            "WriterConfig",
        ),
    ],
)
def test_what_a_map_cannot_do_here_is_refused(machines: Any, change: dict[str, Any], reason: str) -> None:
    """A Map that AWS would refuse, or that the local AWS has no way to run, is refused by the name of the field."""
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    processor = {"StartAt": "Do", "States": {"Do": PASS}} | config | change.get("ItemProcessor", {})
    state = {"Type": "Map", "End": True} | change | {"ItemProcessor": processor}
    with pytest.raises(machines.api.exceptions.InvalidDefinition, match=reason):
        machines.make({"Each": state})


@pytest.mark.parametrize(
    "function",
    [
        "States.Formt('{}', 1)",
        "States.ArrayLength($.a, 1)",
        "States.Format('{}', 1) more",
        "States.Format('{}', x)",
    ],
)
def test_a_function_that_cannot_be_read_is_refused(machines: Any, function: str) -> None:
    """An unknown function, a wrong number of arguments and a syntax error are found when the machine is made."""
    with pytest.raises(machines.api.exceptions.InvalidDefinition):
        machines.make({"Do": PASS | {"Parameters": {"a.$": function}}})


def test_an_express_machine_is_refused(machines: Any) -> None:
    """The local AWS has standard workflows only, and says so."""
    with pytest.raises(ClientError, match="EXPRESS"):
        machines.api.create_state_machine(
            name="express",
            type="EXPRESS",
            definition=json.dumps({"StartAt": "Do", "States": {"Do": PASS}}),
            roleArn=machines.role(),
        )


def test_an_operation_that_there_is_not_is_refused(machines: Any) -> None:
    """ListStateMachineVersions is refused by name; stock moto answers with an error 500."""
    with pytest.raises(ClientError, match="does not know ListStateMachineVersions"):
        machines.api.list_state_machine_versions(stateMachineArn=machines.make({"Do": PASS}))
