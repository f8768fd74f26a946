"""What the prepare job of a run said of its data."""

from headrace.profile import Profile
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records.run_record import RunRecord
from headrace_aws.s3_objects import ObjectError, record_in, uri_of

PROFILE = "prepare/profile/profile.json"


def profile_of_run(context: ModelContext, run: RunRecord) -> Profile | None:
    """Return the profile that a run left in the data bucket, or None: it prepared no data, or failed before."""
    uri = uri_of(context.bucket, run.key(PROFILE))
    try:
        return record_in(Profile, context.s3, uri, "the profile of the run's data", "run again")
    except ObjectError:
        return None  # missing, of another version of this code, or not to be read by this caller
