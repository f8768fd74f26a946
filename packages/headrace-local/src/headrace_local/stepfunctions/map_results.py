"""What a distributed Map leaves in S3: a manifest, and a file for each status that its executions ended in.

    <prefix>/<map run>/manifest.json
    <prefix>/<map run>/SUCCEEDED_0.json, FAILED_0.json, PENDING_0.json: lists of executions

Source: Step Functions Developer Guide, "ResultWriter".
"""

from typing import Any

from headrace_local import strict_json
from headrace_local.stepfunctions import shapes

Json = Any
WRITER = "arn:aws:states:::s3:putObject"
_STATUSES = {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED", "TIMED_OUT": "FAILED", "ABORTED": "FAILED"}


def record(execution: Any) -> Json:
    """Return what the result files, and the output of a Map that tolerates failures, say of an execution."""
    is_done = execution.status == "SUCCEEDED"
    found = {
        "ExecutionArn": execution.execution_arn,
        "Input": execution.execution_input,
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE" if is_done else "REDRIVABLE_BY_MAP_RUN",
        "StartDate": shapes.iso(execution.start_date),
        "StateMachineArn": execution.state_machine_arn,
        "Status": execution.status,
        "StopDate": shapes.iso(execution.stop_date),
    }
    if is_done:
        output = strict_json.dumps(execution.output, separators=(",", ":"), ensure_ascii=False)
        reason = "Execution is SUCCEEDED and cannot be redriven"
        return found | {
            "Output": output,
            "OutputDetails": {"Included": True},
            "RedriveStatusReason": reason,
        }
    return found | {"Error": execution.error or "", "Cause": execution.cause or ""}


def write(executions: list[Any], map_run_arn: str, bucket: str, prefix: str, s3: Any) -> Json:
    """Write the results of a Map run; return what the Map gives: where they are."""
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    folder += map_run_arn.rpartition(":")[2]
    found: dict[str, list[Json]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for execution in executions:
        found[_STATUSES[execution.status]].append(record(execution))
    files = {
        status: [_put(s3, bucket, f"{folder}/{status}_0.json", records)] if records else []
        for status, records in found.items()
    }
    manifest = {"DestinationBucket": bucket, "MapRunArn": map_run_arn, "ResultFiles": files}
    key = f"{folder}/manifest.json"
    _put(s3, bucket, key, manifest)
    return {"MapRunArn": map_run_arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def _put(s3: Any, bucket: str, key: str, content: Json) -> Json:
    body = strict_json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    return {"Key": key, "Size": len(body)}
