"""A team's fork with an account for dev and one for prod on the local AWS, and stand-ins for docker and skopeo."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

import headrace_aws.testing
from headrace_aws import naming
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root
from headrace_aws.deploy.bootstrap import bootstrap
from headrace_aws.deploy.deployment import DeployRequest, deploy_release
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.build import build
from headrace_aws.release.ledger import Deployment, Ledger
from headrace_aws.release.manifest import PROJECT, REQUIREMENTS, STACKS, Release, work_tree
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks.deployed import deployed_stack
from headrace_local.testing import LocalAws

ROOT = project_root()

ACCOUNTS = {"dev": "333333333333", "prod": "444444444444"}
STAND_INS = Path(headrace_aws.testing.__file__).parent / "stand_ins"
MODEL = "flights"
PROJECT_TOML = """
name = "{name}"
repository = "your-org/{name}"
[github]
subject = "repo:your-org@1/{name}@2"
repository_id = "2"
[models.flights]
package = "flights"
[environments.dev]
account = "333333333333"
region = "us-east-1"
approval = "auto"
subnets = ["subnet-00000000000000000"]
security_groups = ["sg-00000000000000000"]
[environments.prod]
account = "444444444444"
region = "us-east-1"
approval = "manual"
after = "dev"
subnets = ["subnet-00000000000000000"]
security_groups = ["sg-00000000000000000"]
"""
# As little of each as a release needs to be seen to arrive: these tests are about releases, not about stacks.
TEMPLATES = {
    "data": """
Parameters:
  ProjectName: {Type: String}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${ProjectName}-data-${AWS::AccountId}-${AWS::Region}"}
""",
    "pipelines": """
Parameters:
  ProjectName: {Type: String}
  ImageUri: {Type: String}
  GitCommit: {Type: String}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Sub "${ProjectName}-runs"}
Outputs:
  ImageUri: {Value: !Ref ImageUri}
  GitCommit: {Value: !Ref GitCommit}
""",
    "automation": """
Parameters:
  ProjectName: {Type: String}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Sub "${ProjectName}-alarms"}
""",
}


@dataclass
class Fork:
    """A repository of its own name, so that tests share a server and no stack."""

    root: Path
    local_aws: LocalAws
    said: list[str] = field(default_factory=list)
    entered: dict[str, AwsSession] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        return load_project(self.root / PROJECT)

    @property
    def target(self) -> Path:
        return self.root / "dist" / "release"

    def git(self, *arguments: str) -> str:
        author = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *author, *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        """Commit what there is, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change.")
        return self.git("rev-parse", "HEAD")

    def build(self, image_digest: str = "") -> Release:
        """Commit what there is, and build a release of it, with an image unless one is named."""
        self.commit()
        return build(self.said.append, image_digest=image_digest, root=self.root, target=self.target)

    def enter(self, environment: str) -> AwsSession:
        """Return the clients of an environment, as its administrator."""
        if environment not in self.entered:
            role = f"arn:aws:iam::{ACCOUNTS[environment]}:role/administrator"
            keys = self.local_aws.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")[
                "Credentials"
            ]
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
                patch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
                patch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])
                self.entered[environment] = aws_session(self.project, environment)
        return self.entered[environment]

    def bootstrap(self, environment: str) -> list[str]:
        """Prepare the account of an environment, and return what was said."""
        said: list[str] = []
        bootstrap(self.enter(environment), work_tree(self.root), said.append)
        return said

    def edit_project(self, old: str, new: str) -> None:
        """Replace a text in project.toml."""
        text = (self.root / PROJECT).read_text()
        assert old in text
        (self.root / PROJECT).write_text(text.replace(old, new))

    def deploy(
        self, environment: str, release: str | Path, wait_minutes: float = 0, manifest_hash: str = ""
    ) -> list[str]:
        """Deploy a release as `make deploy` does, and return what was said."""
        said: list[str] = []
        request = DeployRequest(str(release), wait_minutes=wait_minutes, manifest_hash=manifest_hash)
        deploy_release(self.enter(environment), self.project, request, said.append)
        return said

    def ledger(self, environment: str) -> Ledger:
        return Ledger(Artefacts(self.enter(environment), self.project), MODEL)

    def deployments(self, environment: str) -> list[Deployment]:
        return self.ledger(environment).deployments()

    def outputs(self, environment: str) -> dict[str, str]:
        """Return what the pipelines stack of an environment says: image and commit."""
        stack = deployed_stack(self.enter(environment), naming.pipelines_stack(self.project, MODEL))
        assert stack
        return dict(stack.outputs)


def made_fork(root: Path, local_aws: LocalAws) -> Fork:
    """Return a fork in a folder, as small as a release needs it."""
    root.mkdir()
    (root / PROJECT).write_text(PROJECT_TOML.format(name=f"t{uuid4().hex[:9]}"))
    (root / ".gitignore").write_text("dist/\n")
    (root / "Dockerfile").write_text((ROOT / "Dockerfile").read_text())
    for folder, pattern in ((STACKS, "*.yaml"), (REQUIREMENTS, "*.txt")):
        (root / folder).mkdir(parents=True)
        for file in (ROOT / folder).glob(pattern):
            (root / folder / file.name).write_text(file.read_text())
    for name, template in TEMPLATES.items():
        (root / STACKS / f"{name}.yaml").write_text(template)
    made = Fork(root, local_aws)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit()
    return made
