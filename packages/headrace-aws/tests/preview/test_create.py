"""The release of a pull request, as its preview deploys it."""

from pathlib import Path

from release_forks import MODEL, Fork

from headrace_aws.preview.context import preview_of
from headrace_aws.preview.create import IMAGES, release_of
from headrace_aws.release import image
from headrace_aws.stacks import desired


def test_a_preview_deploys_the_release_under_its_own_name(fork: Fork, tmp_path: Path) -> None:
    """Commit and image are the release's; definitions, stack and keys bear the preview's name, and it has its role."""
    fork.bootstrap("dev")
    release = fork.build()
    preview = preview_of(fork.enter("dev"), fork.project, MODEL, 7)
    said: list[str] = []
    image.push(preview.aws, release, None, said.append, prefix=IMAGES)
    [pushed] = preview.aws.client("ecr").describe_images(repositoryName=fork.project.name)["imageDetails"]
    [tag] = pushed["imageTags"]
    assert tag.startswith(f"preview-{release.commit}-")

    own = release_of(preview, release, tmp_path)
    stack = desired.pipelines_stack(preview.aws, own, preview.name)
    assert stack.name == f"{fork.project.name}-{MODEL}-pr-7-pipelines"
    assert stack.parameters["GitCommit"] == release.commit
    assert stack.parameters["ImageUri"].endswith(f"@{pushed['imageDigest']}")
    assert stack.role_arn == f"arn:aws:iam::333333333333:role/{fork.project.name}-cloudformation"
    assert not stack.protected
    definition, key = desired.definitions(own, preview.name)["training"]
    assert key.startswith(f"{MODEL}-pr-7/definitions/")
    assert f"{MODEL}-pr-7/runs/training/" in definition.read_text()
