"""A model of a project of its own in the local AWS, with run table, bucket and registry, and ways to fill them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from headrace_aws import naming
from headrace_aws.model_context import ModelContext

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
JUDGED = {
    "verdict": {"passed": True, "decision": "pass", "summary": "The model passes all 2 rules.", "rules": []},
    "metrics": {"rows": 400, "roc_auc": 0.7, "log_loss": 0.5},
    "constant": {"rows": 400, "roc_auc": 0.5, "log_loss": 0.6},
}


@dataclass(frozen=True)
class ModelRecords:
    """A model, and ways to leave what its state machines would leave."""

    context: ModelContext
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def put_run(
        self, name: str = "", started: datetime = NOON, seconds: float = 15, **attributes: Any
    ) -> str:
        """Put a record as the state machine puts it, one that was registered by default; return the execution."""
        name = name or f"run-{next(self._numbers)}"
        known = {"pipeline": "training", "status": "registered"} | attributes
        machine = naming.state_machine_arn(
            self.context.project, self.context.aws.environment, self.context.model, known["pipeline"]
        )
        execution = naming.execution_arn(machine, name)
        start = iso(started)
        values = {
            "model": self.context.model,
            "run": f"{start}#{name}",
            "execution": execution,
            "started_at": start,
            "ended_at": iso(started + timedelta(seconds=seconds)),
            "commit": "0123abcdef",
            "image": "000000000000.dkr.ecr.us-east-1.amazonaws.com/mill@sha256:0",
            **known,
        }
        self.put_item(values)
        return execution

    def put_item(self, values: dict[str, Any]) -> None:
        """Put an item of texts; what is no text becomes JSON."""
        self.context.dynamodb.put_item(
            TableName=self.context.table,
            Item={
                key: {"S": value if isinstance(value, str) else json.dumps(value)}
                for key, value in values.items()
            },
        )

    def put_object(self, key: str, content: Any, **metadata: str) -> str:
        """Put an object, bytes or JSON, into the data bucket; return its version."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        put = self.context.s3.put_object(Bucket=self.context.bucket, Key=key, Body=body, Metadata=metadata)
        return put["VersionId"]

    def put_evaluation(self, execution: str) -> None:
        """Put the evaluation that a training run leaves."""
        name = execution.rpartition(":")[2]
        key = f"{self.context.model}/runs/training/{name}/evaluate/evaluation/evaluation.json"
        self.put_object(key, JUDGED)

    def put_profile(self, execution: str, content: dict[str, Any]) -> None:
        """Put the profile that a training run leaves."""
        name = execution.rpartition(":")[2]
        self.put_object(f"{self.context.model}/runs/training/{name}/prepare/profile/profile.json", content)

    def register(self, execution: str = "", approval: str = "Approved", **metadata: str) -> str:
        """Register a version as the training pipeline does; return its ARN."""
        prefix = (
            f"s3://{self.context.bucket}/{self.context.model}/runs/training/{execution.rpartition(':')[2]}"
        )
        registered = self.context.sagemaker.create_model_package(
            ModelPackageGroupName=self.context.group,
            ModelApprovalStatus=approval,  # type: ignore[arg-type]
            InferenceSpecification={
                "Containers": [{"Image": "mill@sha256:0", "ModelDataUrl": f"{prefix}/train/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelMetrics={
                "ModelQuality": {
                    "Statistics": {
                        "ContentType": "application/json",
                        "S3Uri": f"{prefix}/evaluate/evaluation/evaluation.json",
                    }
                }
            },
            CustomerMetadataProperties={
                "commit": "0123abcdef",
                **({"execution": execution} if execution else {}),
                **metadata,
            },
        )
        return registered["ModelPackageArn"]


def iso(moment: datetime) -> str:
    """Return a moment as Step Functions writes it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def profile(data_fingerprint: str, test_rows: int = 400, table: str = "visits") -> dict[str, Any]:
    """Return the content of a profile.json."""
    return {
        "data_fingerprint": data_fingerprint,
        "raw_rows": {table: 2000},
        "unlabelled_rows": 3,
        "splits": {
            name: {
                "rows": rows,
                "positive_share": 0.25,
                "first": "2026-01-01T00:00:00",
                "last": f"2026-01-{day}T00:00:00",
            }
            for name, rows, day in (("train", 1300, 20), ("validation", 300, 25), ("test", test_rows, 30))
        },
        "features": {},
    }
