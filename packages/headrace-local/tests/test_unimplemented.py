"""Operations that nobody has written."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sagemaker", "list_human_task_uis", "UnknownOperationException"),
        ("logs", "list_integrations", "UnknownOperationException"),
        ("sns", "list_origination_numbers", "InvalidAction"),
    ],
)
def test_an_unknown_operation_is_named(local_aws: Any, service: str, operation: str, code: str) -> None:
    """The client reads an error of the service, and no page, and does not ask again."""
    with pytest.raises(ClientError, match=f"The local AWS does not know .* of {service}") as raised:
        getattr(local_aws.client(service), operation)()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_stock_moto_answers_no_client_can_read() -> None:
    """Without the correction it is an exception of Python, which its server makes a page of."""
    with mock_aws(), pytest.raises(NotImplementedError, match="action has not been implemented"):
        boto3.client("logs", region_name="us-east-1").list_integrations()
