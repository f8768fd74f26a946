"""How a job ends other than well, in the words of AWS where AWS has words for it.

`ClientError` means that the job was set up wrongly, `AlgorithmError` that its own program failed,
`InternalServerError` that SageMaker (here: this server) did.
"""

LONGEST_REASON = 1024  # characters of FailureReason, FailureReason of the service model


class JobFailedError(Exception):
    """The job cannot go on; the message becomes its FailureReason."""


def client_error(text: str) -> JobFailedError:
    """Return the failure of a job that was set up wrongly."""
    return JobFailedError(f"ClientError: {text}"[:LONGEST_REASON])


def algorithm_error(text: str, exit_code: int) -> JobFailedError:
    """Return the failure of a job whose program failed; the exit code is kept when the text is cut."""
    end = f", exit code: {exit_code}"
    return JobFailedError(f"AlgorithmError: {text}"[: LONGEST_REASON - len(end)] + end)


def cannot_start(program: str) -> JobFailedError:
    """Return the failure of a container whose entrypoint is not there: exit code 127, as a shell has it."""
    return algorithm_error(
        f"CannotStartContainerError. Please make sure the container can be run: {program!r}: executable file "
        "not found in $PATH. It is possible that the entrypoint is not properly defined, or missing permissions.",
        127,
    )


def no_entrypoint() -> JobFailedError:
    """Return the failure of a job that leaves the command to its image: there is no image here to ask."""
    return client_error(
        "the local AWS runs no container and so knows no entrypoint of the image; give ContainerEntrypoint"
    )


def unknown_image(image: str, known: list[str]) -> JobFailedError:
    """Return the failure of a job for whose image nothing stands, in the words for an image that is not there."""
    repository = image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return client_error(
        f"Cannot find repository: {repository} in registry ID: {image.partition('.')[0]} Please check if your ECR "
        f"repository and image exist and role has proper pull permissions for SageMaker ({image}). "
        f"The local AWS was started with what stands for: {', '.join(known) or 'no image'}."
    )


def no_objects(uri: str, bucket: str, region: str, role: str) -> str:
    """Return AWS's words for an input that has no objects."""
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists '
        f"in the selected region ({region}), that objects exist under that S3 prefix, and that the role "
        f'"{role}" has "s3:ListBucket" permissions on bucket "{bucket}".'
    )
