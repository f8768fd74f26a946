"""What is tried again, how often, and where an error goes.

How AWS reports what may pass by itself, for `sagemaker:create...Job.sync`:

- throttling: SageMaker models no such error, so it comes as `SageMaker.AmazonSageMakerException`, the name
  for every unmodelled code (`SageMaker.SageMakerException` in a newer SDK). A refused request comes by the
  same name; to try that again starts no job and costs half a minute.
- quota: `SageMaker.ResourceLimitExceededException`, and passes when another job ends.
- no capacity, or a fault inside SageMaker: the job starts and fails, so the error is `States.TaskFailed`,
  as when our own code fails. Only the cause tells them apart, and a retrier cannot read a cause: see
  `headrace_aws.asl.capacity_retry`. Nothing here retries `States.TaskFailed`, so bad data fails once, not three times.

Each attempt has a job name of its own (`$$.State.RetryCount` is part of it): SageMaker never frees a name.
"""

from headrace_aws.asl.states import Fields

THROTTLING: Fields = {
    "ErrorEquals": [
        "SageMaker.AmazonSageMakerException",
        "SageMaker.SageMakerException",
        "SageMaker.SdkClientException",
        "SageMaker.ThrottlingException",
    ],
    "IntervalSeconds": 2,
    "BackoffRate": 2,
    "MaxDelaySeconds": 30,
    "JitterStrategy": "FULL",
    "MaxAttempts": 5,
}

# About 25 minutes at most: long enough for another job to end, short enough to hear of a quota of zero.
QUOTA: Fields = {
    "ErrorEquals": ["SageMaker.ResourceLimitExceededException", "SageMaker.ResourceLimitExceeded"],
    "IntervalSeconds": 60,
    "BackoffRate": 2,
    "MaxDelaySeconds": 600,
    "JitterStrategy": "FULL",
    "MaxAttempts": 5,
}

# A redriven execution counts its retries anew and meets the names of its first life; each attempt moves past one.
NAME_TAKEN: Fields = {
    "ErrorEquals": ["SageMaker.ResourceInUseException", "SageMaker.ResourceInUse"],
    "IntervalSeconds": 1,
    "BackoffRate": 1,
    "MaxAttempts": 10,
}

# An answer, and no fault: the item is not as a write wanted it.
CONDITION_FAILED = "DynamoDB.ConditionalCheckFailedException"

JOB_RETRY = (THROTTLING, QUOTA, NAME_TAKEN)

# A call that answers at once may be repeated whatever went wrong: it is idempotent, and it costs nothing.
CALL_RETRY: tuple[Fields, ...] = (
    {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 2,
        "BackoffRate": 2,
        "MaxDelaySeconds": 30,
        "JitterStrategy": "FULL",
        "MaxAttempts": 3,
    },
)


def catch(then: str, *, at: str = "$.error") -> tuple[Fields, ...]:
    """Return catchers that send every error to a state, with `Error` and `Cause` at a path of the data.

    `States.ALL` must stand alone and last, and does not match the two errors that the first catcher names: data
    over 256 KiB, and a path or an intrinsic function that fails. AWS lets a catcher name them, and may still
    end the execution by the second.
    """
    return (
        {"ErrorEquals": ["States.DataLimitExceeded", "States.Runtime"], "ResultPath": at, "Next": then},
        {"ErrorEquals": ["States.ALL"], "ResultPath": at, "Next": then},
    )
