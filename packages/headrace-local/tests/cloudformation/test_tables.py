"""Tables and parameters of the store that stacks make."""

from typing import Any

import pytest


def _table(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "model", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "model", "KeyType": "HASH"}],
                **properties,
            },
        }
    }


def test_a_table_has_its_protections_and_keeps_its_items(cloud: Any) -> None:
    """Recovery, expiry, encryption, stream and deletion protection reach DynamoDB, and change in place."""
    name = cloud.name("table")
    outputs = {"Stream": {"Value": {"Fn::GetAtt": ["Table", "StreamArn"]}}}
    settings = {
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "DeletionProtectionEnabled": True,
        "Tags": [{"Key": "a", "Value": "1"}],
    }
    cloud.create(_table(name, **settings), Outputs=outputs)
    dynamodb = cloud.client("dynamodb")
    made = dynamodb.describe_table(TableName=name)["Table"]
    assert made["DeletionProtectionEnabled"]
    assert made["SSEDescription"]["SSEType"] == "KMS"
    assert cloud.outputs()["Stream"] == made["LatestStreamArn"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (expiry["TimeToLiveStatus"], expiry["AttributeName"]) == ("ENABLED", "expires")
    dynamodb.put_item(TableName=name, Item={"model": {"S": "m"}})
    cloud.delete()
    assert "DeletionProtectionEnabled" in cloud.reasons()["Table"]
    assert dynamodb.get_item(TableName=name, Key={"model": {"S": "m"}})["Item"]
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)


def test_a_table_changes_in_place(cloud: Any) -> None:
    """Protection, recovery, tags and indexes are changed without a new table."""
    name = cloud.name("table")
    cloud.create(_table(name, DeletionProtectionEnabled=True, Tags=[{"Key": "a", "Value": "1"}]))
    dynamodb = cloud.client("dynamodb")
    dynamodb.put_item(TableName=name, Item={"model": {"S": "m"}})
    attributes = [{"AttributeName": each, "AttributeType": "S"} for each in ("model", "run")]
    index = {
        "IndexName": "by-run",
        "KeySchema": [{"AttributeName": "run", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    after = _table(
        name,
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexes=[index],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    cloud.update(after)
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert not table["DeletionProtectionEnabled"]
    assert [each["IndexName"] for each in table["GlobalSecondaryIndexes"]] == ["by-run"]
    assert dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == []
    assert dynamodb.get_item(TableName=name, Key={"model": {"S": "m"}})["Item"]


def test_a_parameter_of_the_store_is_made_changed_and_deleted(cloud: Any) -> None:
    """AWS::SSM::Parameter: Ref is its name, GetAtt its value; tags come as a map."""
    name = f"/{cloud.name('parameter')}"

    def resources(value: str) -> dict[str, Any]:
        properties = {"Name": name, "Type": "String", "Value": value, "Tags": {"a": "1"}}
        return {"Parameter": {"Type": "AWS::SSM::Parameter", "Properties": properties}}

    outputs = {
        "Name": {"Value": {"Ref": "Parameter"}},
        "Value": {"Value": {"Fn::GetAtt": ["Parameter", "Value"]}},
    }
    cloud.create(resources("one"), Outputs=outputs)
    assert cloud.outputs() == {"Name": name, "Value": "one"}
    cloud.update(resources("two"), Outputs=outputs)
    ssm = cloud.client("ssm")
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == cloud.outputs()["Value"] == "two"
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    assert tags == [{"Key": "a", "Value": "1"}]
    cloud.delete()
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=name)
