"""What the prepare job of a run said of its data."""

from botocore.exceptions import ClientError

from headrace.profile import Profile
from headrace.settings import record_of
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records.run_record import RunRecord

PROFILE = "prepare/profile/profile.json"


def profile_of_run(context: ModelContext, run: RunRecord) -> Profile | None:
    """Return the profile that a run left in the data bucket, or None: it prepared no data, or failed before."""
    try:
        content = context.s3.get_object(Bucket=context.bucket, Key=run.key(PROFILE))["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return None
    try:
        return record_of(Profile, content, PROFILE)
    except ValueError:
        return None  # of another version of this code
