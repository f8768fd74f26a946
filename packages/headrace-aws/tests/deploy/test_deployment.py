"""Deploying: what is settled before the first call, and what change sets do on the local AWS."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from rendered_projects import PROJECT, rendered_in

from headrace.errors import DeployError
from headrace_aws import naming
from headrace_aws.asl.render import pipeline_names
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project
from headrace_aws.config.root import project_root
from headrace_aws.deploy.deployment import RETRY_SECONDS, deploy, main, retry_while_denied
from headrace_aws.plan.changes import stack_plans
from headrace_aws.plan.machines import MACHINE
from headrace_aws.release.manifest import DEFINITIONS, STACKS, Manifest, Release
from headrace_aws.session import AwsSession, aws_session
from headrace_aws.stacks.change_set import DesiredStack, deploy_stack
from headrace_aws.stacks.deployed import deployed_stack
from headrace_aws.stacks.desired import definitions, pipelines_stack
from headrace_local.testing import LocalAws

MODEL = next(iter(PROJECT.models))

TWO_QUEUES = """
Parameters: {{Delay: {{Type: Number}}}}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: {name}, DelaySeconds: !Ref Delay}}
  Second:
    Type: AWS::SQS::Queue
    DependsOn: Queue
    Properties: {{QueueName: {second}}}
"""


class TestBeforeTheFirstCall:
    def test_the_local_aws_takes_no_release(self, capsys: pytest.CaptureFixture[str]) -> None:
        """There it is the work tree that runs, and to name a release would be a mistake."""
        assert main(["--release", "dist/release"]) == 2
        assert "leave RELEASE out" in capsys.readouterr().err

    def test_the_local_aws_needs_no_image(self) -> None:
        """Locally the jobs run the work tree, under an address like any other."""
        image = Release(project_root(), PROJECT).image_uri(PROJECT.environment(LOCAL))
        assert image.endswith(f".amazonaws.com/{PROJECT.name}:worktree")


@pytest.fixture
def project() -> Project:
    """The project under a name of its own, so that tests share a server and no stack."""
    return PROJECT.model_copy(update={"name": f"t{uuid4().hex[:9]}"})


@pytest.fixture
def aws(local_aws: LocalAws) -> AwsSession:
    return aws_session(PROJECT, LOCAL, local_aws.home)


class TestBothStacks:
    @pytest.fixture
    def release(self, project: Project, tmp_path: Path) -> Release:
        return rendered_in(tmp_path, project)

    def test_a_second_deployment_changes_nothing(
        self, aws: AwsSession, project: Project, release: Release
    ) -> None:
        """The first deployment makes everything; the second says `no change` for every stack."""
        said: list[str] = []
        deploy(aws, release, MODEL, said.append)
        assert any("Add" in line and "TrainingStateMachine" in line for line in said)
        machine = aws.client("stepfunctions").describe_state_machine(
            stateMachineArn=naming.state_machine_arn(project, aws.environment, MODEL, "training")
        )
        assert "${" not in machine["definition"]
        assert json.loads(machine["definition"])["StartAt"]

        said.clear()
        deploy(aws, release, MODEL, said.append)
        assert said == [
            f"{naming.data_stack(project)}: no change",
            f"{naming.pipelines_stack(project, MODEL)}: no change",
            f"{naming.automation_stack(project, MODEL)}: no change",
        ]

    def test_a_changed_definition_changes_only_state_machines(
        self, aws: AwsSession, project: Project, release: Release
    ) -> None:
        """The definitions lie under a new prefix, the old ones stay, and machines are modified in place."""
        deploy(aws, release, MODEL, lambda _: None)
        file = release.definition(MODEL, "training")
        definition = json.loads(file.read_text())
        file.write_text(json.dumps(definition | {"Comment": "Changed."}))
        said: list[str] = []
        deploy(aws, release, MODEL, said.append)
        changes = [line.split() for line in said if line.startswith("  ") and "after" not in line]
        modified = [
            [["Modify", f"{naming.logical_name(name)}StateMachine", MACHINE], ["DefinitionS3Location"]]
            for name in pipeline_names()
        ]
        assert sorted(changes) == sorted(line for lines in modified for line in lines)
        listed = aws.client("s3").list_objects_v2(
            Bucket=naming.data_bucket(project, aws.environment), Prefix=f"{MODEL}/definitions/"
        )
        assert listed["KeyCount"] == 2 * len(modified)

    def test_a_template_that_asks_for_one_key_a_pipeline_is_given_them(
        self, aws: AwsSession, project: Project, release: Release, tmp_path: Path
    ) -> None:
        """A release from before the prefix deploys, with its own pipelines: the keys are those of its definitions."""
        stacks = tmp_path / "older" / STACKS
        shutil.copytree(release.folder / STACKS, stacks)
        shutil.copytree(release.folder / release.definitions, tmp_path / "older" / DEFINITIONS)
        file = stacks / "pipelines.yaml"
        body = file.read_text(encoding="utf-8").replace("DefinitionsPrefix:", "TrainingDefinitionKey:")
        file.write_text(body.replace("DefinitionsPrefix]", "TrainingDefinitionKey]"), encoding="utf-8")
        manifest = Manifest(
            id="000001-0123456789ab",
            commit="0123456789abcdef" + "0" * 24,
            project=project.name,
            image_digest="sha256:" + "0" * 64,
            files={},
        )
        older = Release(tmp_path / "older", project, manifest)
        (tmp_path / "older" / DEFINITIONS / f"{MODEL}-removed.asl.json").write_text("{}", encoding="utf-8")
        assert {*definitions(older, MODEL)} == {*pipeline_names(), "removed"}
        parameters = pipelines_stack(aws, older, MODEL).parameters
        assert parameters["TrainingDefinitionKey"] == definitions(older, MODEL)["training"][1]
        assert not {"DefinitionsPrefix", "SmokeDefinitionKey"} & parameters.keys()

    def test_a_definition_that_is_not_what_its_key_says_is_put_right(
        self, aws: AwsSession, project: Project, release: Release
    ) -> None:
        """What lies under a key is not trusted, though the key holds the hash of what should be there."""
        deploy(aws, release, MODEL, lambda _: None)
        file, key = definitions(release, MODEL)["training"]
        place = {"Bucket": naming.data_bucket(project, aws.environment), "Key": key}
        aws.client("s3").put_object(**place, Body=b"altered")
        deploy(aws, release, MODEL, lambda _: None)
        assert aws.client("s3").get_object(**place)["Body"].read() == file.read_bytes()

    def test_a_template_that_no_request_holds_deploys(self, aws: AwsSession, release: Release) -> None:
        """It lies beside the definitions, and CloudFormation reads it there; a plan lists its changes itself."""
        file = release.template("pipelines")
        file.write_text(file.read_text(encoding="utf-8") + "# More.\n" * 1000, encoding="utf-8")
        assert pipelines_stack(aws, release, MODEL).template_url.endswith("/pipelines.yaml")
        deploy(aws, release, MODEL, lambda _: None)
        said: list[str] = []
        deploy(aws, release, MODEL, said.append)
        assert all(line.endswith(": no change") for line in said)
        _, pipelines, _ = stack_plans(aws, release, [MODEL])
        assert not pipelines.changes
        assert "of more than 51200 bytes" in pipelines.note

    def test_an_address_to_notify_is_subscribed(
        self, aws: AwsSession, project: Project, release: Release
    ) -> None:
        """With `notify` in the environment, the topic tells that address; a later change adds just this."""
        deploy(aws, release, MODEL, lambda _: None)
        environment = aws.environment.model_copy(update={"notify": "team@example.org"})
        said: list[str] = []
        deploy(replace(aws, environment=environment), release, MODEL, said.append)
        assert said[1].split() == ["Add", "NotifySubscription", "AWS::SNS::Subscription"]
        topic = f"arn:aws:sns:{aws.region}:{aws.account}:{project.name}-runs"
        listed = aws.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        assert [(one["Protocol"], one["Endpoint"]) for one in listed] == [("email", "team@example.org")]


class TestAKeyThatWasMadeJustNow:
    @staticmethod
    def refusal(code: str) -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": "no"}}, "PutObject")

    def test_a_refusal_is_waited_out_and_reported(self) -> None:
        """The upload is tried again after each pause, and each time the reason is said."""
        answers = [self.refusal("AccessDenied"), self.refusal("AccessDenied"), None]
        said: list[str] = []

        def action() -> None:
            if answer := answers.pop(0):
                raise answer

        retry_while_denied(action, said.append, (0, 0, 0))
        assert answers == []
        assert len(said) == 2
        assert "the alias of the new KMS key" in said[0]

    @pytest.mark.parametrize(
        ("code", "pauses", "attempts"),
        [("AccessDenied", (0, 0), 3), ("AccessDenied", (), 1), ("NoSuchBucket", (0,), 1)],
    )
    def test_it_does_not_wait_for_ever(self, code: str, pauses: tuple[float, ...], attempts: int) -> None:
        """A refusal that lasts is the error, at once where the key is old; another error is never waited out."""
        made: list[None] = []

        def action() -> None:
            made.append(None)
            raise self.refusal(code)

        with pytest.raises(ClientError, match=code):
            retry_while_denied(action, lambda _: None, pauses)
        assert len(made) == attempts

    def test_the_pauses_are_six_minutes(self) -> None:
        """Longer than the five minutes after which AWS knows an alias."""
        assert sum(RETRY_SECONDS) == 360


class TestOneStack:
    @pytest.fixture
    def stack(self, tmp_path: Path) -> DesiredStack:
        """Two queues, the second after the first."""
        name = f"test-{uuid4().hex[:8]}"
        template = tmp_path / "template.yaml"
        template.write_text(TWO_QUEUES.format(name=f"{name}-first", second=f"{name}-second"))
        return DesiredStack(name, template, {"Delay": "1"}, {})

    def test_a_failed_update_leaves_the_former_stack(self, aws: AwsSession, stack: DesiredStack) -> None:
        """The error has the failing resource's own reason, and what had been changed before it is put back."""
        deploy_stack(aws, stack, lambda _: None)
        taken = aws.client("sqs").create_queue(
            QueueName=f"{stack.name}-taken", Attributes={"DelaySeconds": "7"}
        )["QueueUrl"]
        text = stack.template.read_text().replace(f"{stack.name}-second", f"{stack.name}-taken")
        stack.template.write_text(text)
        changed = DesiredStack(stack.name, stack.template, {"Delay": "2"}, {})
        with pytest.raises(DeployError) as caught:
            deploy_stack(aws, changed, lambda _: None)
        assert "the former stack is in place" in str(caught.value)
        assert "Second (AWS::SQS::Queue)" in str(caught.value)
        assert "already exists" in str(caught.value)
        deployed = deployed_stack(aws, stack.name)
        assert deployed
        assert deployed.parameters == {"Delay": "1"}
        sqs = aws.client("sqs")
        url = sqs.get_queue_url(QueueName=f"{stack.name}-first")["QueueUrl"]
        kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
        assert kept == {"DelaySeconds": "1"}
        assert taken

    def test_a_stack_that_was_never_complete_is_removed_and_made_anew(
        self, aws: AwsSession, stack: DesiredStack
    ) -> None:
        """A first deployment that failed does not stand in the way of the second."""
        taken = aws.client("sqs").create_queue(
            QueueName=f"{stack.name}-second", Attributes={"DelaySeconds": "7"}
        )["QueueUrl"]
        with pytest.raises(DeployError, match="nothing was created"):
            deploy_stack(aws, stack, lambda _: None)
        aws.client("sqs").delete_queue(QueueUrl=taken)
        said: list[str] = []
        assert len(deploy_stack(aws, stack, said.append)) == 2
        assert said[0] == f"{stack.name}: was never complete (ROLLBACK_COMPLETE), removing it"

    def test_a_refused_template_is_reported_and_changes_nothing(
        self, aws: AwsSession, stack: DesiredStack
    ) -> None:
        """A type that does not exist is refused before anything is made."""
        text = stack.template.read_text().replace("AWS::SQS::Queue", "AWS::SQS::Cue")
        stack.template.write_text(text)
        with pytest.raises(DeployError, match="AWS::SQS::Cue"):
            deploy_stack(aws, stack, lambda _: None)
