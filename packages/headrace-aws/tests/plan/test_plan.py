"""A plan on the local AWS: what it says of a first deployment, of none, and of each kind of change."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from run_records import NOON, ModelRecords

from headrace.errors import DeployError
from headrace_aws import naming
from headrace_aws.asl.render import DEFINITIONS, FILES, rendered
from headrace_aws.config.environment import LOCAL, Schedules
from headrace_aws.config.project import Project, load_project
from headrace_aws.config.root import project_root
from headrace_aws.deploy.deployment import deploy
from headrace_aws.model_context import ModelContext
from headrace_aws.plan.collect import Plan, collect_plan
from headrace_aws.plan.command import main, report_plan
from headrace_aws.plan.metrics import champion_comparison
from headrace_aws.plan.page import LIMIT, page
from headrace_aws.plan.state import allowed_by
from headrace_aws.release.manifest import DEFINITIONS as DEFINITIONS_OF_A_RELEASE
from headrace_aws.release.manifest import STACKS, Manifest, Release
from headrace_aws.session import AwsSession, aws_session
from headrace_local.testing import LocalAws

ROOT = project_root()

MODEL = next(iter(load_project().models))
RENAMED = {"ModelPackageGroupName: !Sub ${": "ModelPackageGroupName: !Sub other-${"}
Planned = Callable[..., Plan]


def tree(folder: Path, project: Project) -> Release:
    """Return a work tree of its own, which holds the templates and what the project renders."""
    shutil.copytree(ROOT / STACKS, folder / STACKS)
    FILES.write(rendered(project), folder / DEFINITIONS)
    return Release(folder, project)


@pytest.fixture(scope="module")
def aws(local_aws: LocalAws) -> AwsSession:
    return aws_session(load_project(), LOCAL, local_aws.home)


@pytest.fixture(scope="module")
def project() -> Project:
    """The project under a name of its own, so that tests share a server and no stack."""
    return load_project().model_copy(update={"name": f"p{uuid4().hex[:9]}"})


@pytest.fixture(scope="module")
def deployed(aws: AwsSession, project: Project, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release that is deployed; each test plans a change of it, and none deploys it."""
    release = tree(tmp_path_factory.mktemp("deployed"), project)
    deploy(aws, release, MODEL, lambda _: None)
    return release


@pytest.fixture
def planned(aws: AwsSession, deployed: Release, tmp_path: Path) -> Planned:
    """Return a function that plans a change of a template, the project or the environment."""

    def of(
        stack: str = "",
        texts: dict[str, str] | None = None,
        project: Project = deployed.project,
        allowed: str = "",
        **environment: Any,
    ) -> Plan:
        release = tree(tmp_path / uuid4().hex, project)
        if stack:
            body = release.template(stack).read_text()
            for former, latter in (texts or {}).items():
                assert former in body
                body = body.replace(former, latter)
            release.template(stack).write_text(body)
        context = replace(aws, environment=aws.environment.model_copy(update=environment))
        return collect_plan(context, release, [MODEL], allowed_by(allowed))

    return of


def section(markdown: str, title: str) -> str:
    """Return one section of a plan."""
    return markdown.partition(f"### {title}\n")[2].partition("\n### ")[0].strip()


def stacks_and_change_sets(aws: AwsSession) -> set[str]:
    """Return every stack with its status, and every change set."""
    cloudformation = aws.client("cloudformation")
    stacks = cloudformation.describe_stacks()["Stacks"]
    sets = [
        each["ChangeSetId"]
        for stack in stacks
        for each in cloudformation.list_change_sets(StackName=stack["StackName"])["Summaries"]
    ]
    return {f"{each['StackName']} {each['StackStatus']}" for each in stacks} | set(sets)


class TestWithoutAChange:
    def test_of_nothing_deployed_everything_is_added(self, aws: AwsSession, tmp_path: Path) -> None:
        """Where there is no stack, the templates are listed, and none is begun: it would stay behind."""
        project = load_project().model_copy(update={"name": f"p{uuid4().hex[:9]}"})
        before = stacks_and_change_sets(aws)
        result = collect_plan(aws, tree(tmp_path, project), [MODEL])
        assert stacks_and_change_sets(aws) == before
        assert {change.action for plan in result.plans for change in plan.changes} == {"Add"}
        assert {"DataBucket", "TrainingStateMachine", "EventRole"} <= {
            change.logical_id for plan in result.plans for change in plan.changes
        }
        text = page(result)
        assert "Nothing is deployed yet" in text
        assert "new: training, inference" in section(text, "State machines")
        assert not result.losses

    def test_of_what_is_deployed_nothing_changes(self, aws: AwsSession, planned: Planned) -> None:
        """The plan of the same thing says so in each section, in less than ten seconds, and leaves nothing behind."""
        before = stacks_and_change_sets(aws)
        started = time.monotonic()
        result = planned()
        assert time.monotonic() - started < 10
        assert stacks_and_change_sets(aws) == before
        text = page(result)
        assert "**No resource changes.** Permissions stay. Cost stays." in text
        assert section(text, "Resources").startswith("No change:")
        assert section(text, "State machines") == "No change."
        assert section(text, "Permissions") == "No role and no resource's policy gains or loses anything."

    def test_another_commit_is_reported_once(
        self, aws: AwsSession, deployed: Release, tmp_path: Path
    ) -> None:
        """The commit is a parameter of every state machine; it is one sentence and no change of a resource."""
        made = Manifest(
            id="000001-0123456789ab",
            commit="0123456789abcdef" + "0" * 24,
            project=deployed.project.name,
            image_digest="sha256:" + "0" * 64,
            files={},
        )
        release = tree(tmp_path, deployed.project)
        shutil.copytree(tmp_path / release.definitions, tmp_path / DEFINITIONS_OF_A_RELEASE)
        text = page(collect_plan(aws, replace(release, manifest=made), [MODEL]))
        assert "**No resource changes.**" in text
        assert text.count("0123456789ab") == 1
        assert "takes commit `0123456789ab` in place of" in text

    def test_a_stack_that_was_never_made_is_new(self, aws: AwsSession, tmp_path: Path) -> None:
        """A change set that nobody executed leaves a stack without anything in it."""
        project = load_project().model_copy(update={"name": f"p{uuid4().hex[:9]}"})
        cloudformation, name = aws.client("cloudformation"), naming.data_stack(project)
        cloudformation.create_change_set(
            StackName=name,
            ChangeSetName="left",
            ChangeSetType="CREATE",
            TemplateBody="Resources: {Queue: {Type: AWS::SQS::Queue}}",
        )
        result = collect_plan(aws, tree(tmp_path, project), [MODEL])
        assert "Add" in {change.action for change in result.plans[0].changes}
        assert result.plans[0].before is None
        cloudformation.delete_stack(StackName=name)

    def test_two_models_share_the_data_stack(self, aws: AwsSession, project: Project, tmp_path: Path) -> None:
        """The plan of all models tells the stack that they share once, and each model under its name."""
        models = {MODEL: project.models[MODEL], "second": project.models[MODEL]}
        release = tree(tmp_path, project.model_copy(update={"models": models}))
        result = collect_plan(aws, release, [MODEL, "second"])
        assert [plan.name for plan in result.plans].count(naming.data_stack(project)) == 1
        text = page(result)
        assert "- new: training" in section(text, "State machines")
        assert "| second: a run of training | - |" in section(text, "Cost")
        assert f"| {MODEL}: a run of training |" in section(text, "Cost")


class TestTheCommand:
    def test_a_model_that_is_not_there_is_an_error(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Wrong use is reported before anything is asked of AWS; a comment has it in place of the plan."""
        out = tmp_path / "dist" / "plan.md"
        assert main(["--model", "nobody", "--out", str(out)]) == 2
        assert "nobody" in capsys.readouterr().err
        text = out.read_text()
        assert text.startswith("## Plan for local: could not be created\n\n")
        assert "nobody" in text


class TestChanges:
    def test_another_instance_type(self, planned: Planned, project: Project) -> None:
        """The states that name it are reported with the field, and the cost of a run grows by its price."""
        model = project.model(MODEL)
        train = model.jobs.train.model_copy(update={"instance_type": "ml.m5.4xlarge"})
        jobs = model.jobs.model_copy(update={"train": train})
        changed = project.model_copy(update={"models": {MODEL: model.model_copy(update={"jobs": jobs})}})
        result = planned(project=changed)
        text = page(result)
        machines = section(text, "State machines")
        assert (
            f"`Parameters.ResourceConfig.InstanceType` `{model.jobs.train.instance_type}` → `ml.m5.4xlarge`"
            in machines
        )
        assert "- **training**: 1 state changed" in machines
        assert "- **cross-validation and backtesting**: 1 state changed" in machines
        assert "DefinitionS3Location" in section(text, "Resources")
        [training] = [line for line in result.runs if line.name == "a run of training"]
        hours = model.jobs.train.timeout_seconds / 3600
        assert training.difference == pytest.approx(hours * (0.922 - 0.461))
        assert "USD for" in text.splitlines()[2]

    def test_a_schedule(self, planned: Planned) -> None:
        """What is scheduled anew costs its runs of a month; the schedule itself is a change of a resource."""
        weekly = Schedules(inference="cron(0 5 ? * MON,THU *)")
        result = planned(automation=True, schedules=weekly)
        text = page(result)
        assert "ScheduleExpression" in section(text, "Resources")
        assert "removed | `RetrainingScheduleRule`" in section(text, "Resources")
        by_name = {line.name: line for line in (*result.runs, *result.months)}
        line = by_name["inference by schedule"]
        assert line.before is None
        run = by_name["a run of inference"].after
        assert line.difference == pytest.approx(104 / 12 * run.dollars)
        assert line.basis == "not scheduled; then cron(0 5 ? * MON,THU *): 8.7 runs a month"

    def test_a_statement_of_a_role(self, aws: AwsSession, project: Project, planned: Planned) -> None:
        """Permissions are reported in words: actions, the resource without what is known of it, a star marked."""
        result = planned(
            "pipelines",
            {
                "Action: [s3:PutObject, s3:AbortMultipartUpload]": "Action: [s3:PutObject, s3:Delete*]",
                "Service: sagemaker.amazonaws.com }": "Service: ec2.amazonaws.com }",
            },
        )
        text = section(page(result), "Permissions")
        bucket = naming.data_bucket(project, aws.environment)
        assert f"⚠️ gains `s3:Delete*` on `s3://{bucket}/{MODEL}/runs/*`" in text
        assert f"- loses `s3:AbortMultipartUpload` on `s3://{bucket}/{MODEL}/runs/*`" in text
        assert "trust: `Service ec2.amazonaws.com` may `sts:AssumeRole`" in text
        assert "trust: `Service sagemaker.amazonaws.com` may no longer `sts:AssumeRole`" in text
        assert "s3:PutObject" not in text

    def test_a_policy_that_roles_share(self, planned: Planned) -> None:
        """Each role that a managed policy is attached to gains what the policy gains."""
        result = planned(
            "pipelines", {"Action: dynamodb:PutItem": "Action: [dynamodb:PutItem, dynamodb:Scan]"}
        )
        gaining = {change.name for change in result.rights}
        assert {"TrainingRole", "InferenceRole"} <= gaining
        assert "JobRole" not in gaining
        assert "`dynamodb:Scan` on `dynamodb:table/" in section(page(result), "Permissions")

    def test_a_substituted_value_is_reported_once(self, planned: Planned) -> None:
        """The approval of models stands in the state machines by substitution, and in one line of the plan."""
        text = section(page(planned(approval="manual")), "State machines")
        assert text == "- `ModelApprovalStatus` in training: `Approved` → `PendingManualApproval`"

    def test_what_another_stack_will_export_is_no_error(self, planned: Planned, deployed: Release) -> None:
        """A pipelines stack that imports a new export is listed from the templates, with the reason."""
        other = {"${DataStackName}-TopicArn": "${DataStackName}-OtherTopicArn"}
        result = planned("pipelines", other | RENAMED)
        [plan] = [
            plan for plan in result.plans if plan.name == naming.pipelines_stack(deployed.project, MODEL)
        ]
        assert "does not export yet" in plan.note
        assert ("Modify", "TellingPolicy", ("PolicyDocument",)) in {
            (change.action, change.logical_id, change.properties) for change in plan.changes
        }
        # What cannot be known of state is not taken for harmless.
        assert [(loss.logical_id, loss.is_allowed) for loss in result.losses] == [
            ("ModelPackageGroup", False)
        ]

    def test_a_refused_template_is_an_error(self, planned: Planned) -> None:
        """What CloudFormation would not take is reported by the plan, not first by the deploy."""
        with pytest.raises(DeployError, match="AWS::SNS::Tropic"):
            planned("data", {"AWS::SNS::Topic\n": "AWS::SNS::Tropic\n"})


class TestState:
    def test_a_replacement_is_refused(self, planned: Planned, tmp_path: Path) -> None:
        """What has state is not replaced unasked: exit status 1, and the remedy to copy."""
        plan = planned("pipelines", RENAMED)
        assert report_plan(plan, tmp_path / "out" / "plan.md") == 1
        text = (tmp_path / "out" / "plan.md").read_text()
        assert "> [!CAUTION]" in text
        assert "`allow-replace: ModelPackageGroup`" in text
        assert "**replaced** (state) | `ModelPackageGroup`" in text

    def test_a_replacement_that_a_commit_names_is_allowed(self, planned: Planned, tmp_path: Path) -> None:
        """The word in a commit message lets it pass, and the plan still says what happens."""
        message = "Rename the group\n\nallow-replace: ModelPackageGroup\n"
        plan = planned("pipelines", RENAMED, allowed=message)
        assert report_plan(plan, tmp_path / "plan.md") == 0
        assert "is replaced by an empty one, which a commit allows" in (tmp_path / "plan.md").read_text()

    def test_a_removal_is_refused(self, planned: Planned) -> None:
        """A resource that the stack keeps when it is removed is lost to the project all the same."""
        body = (ROOT / STACKS / "data.yaml").read_text()
        table = body[body.index("  RunTable:\n") : body.index("Outputs:\n")]
        plan = planned("data", {table: "", "Value: !Ref RunTable": "Value: !Sub ${ProjectName}-runs"})
        assert [(loss.logical_id, loss.effect, loss.is_allowed) for loss in plan.losses] == [
            ("RunTable", "is removed", False)
        ]

    def test_what_is_no_longer_kept_is_refused(self, planned: Planned) -> None:
        """Else two changes could do what one may not."""
        kept = "    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n"
        plan = planned("pipelines", {kept: ""})
        assert [(loss.logical_id, loss.effect) for loss in plan.losses] == [
            ("ModelPackageGroup", "is no longer retained when it is removed or replaced")
        ]

    def test_a_log_group_has_no_state(self, planned: Planned) -> None:
        """The templates let log groups go with their stack: the run table has what a run did."""
        plan = planned("pipelines", {"/aws/vendedlogs/states/${": "/aws/vendedlogs/states/other/${"})
        replaced = {
            change.logical_id
            for plan in plan.plans
            for change in plan.changes
            if change.replacement == "True"
        }
        assert "LogGroup" in replaced
        assert not plan.losses


class TestModel:
    @pytest.fixture
    def records(self, aws: AwsSession, deployed: Release) -> ModelRecords:
        return ModelRecords(ModelContext(aws, deployed.project, MODEL))

    def test_the_model_beside_the_champion(self, records: ModelRecords, planned: Planned) -> None:
        """The newest training's figures and the champion's on the same rows, and which of both is better."""
        metrics = {"rows": 400, "roc_auc": 0.75, "log_loss": 0.5}
        execution = records.put_run(
            uuid4().hex, started=NOON + timedelta(days=365), metrics=metrics, commit="c" * 40
        )
        key = f"{MODEL}/runs/training/{execution.rpartition(':')[2]}/evaluate/evaluation/evaluation.json"
        champion = {"rows": 400, "roc_auc": 0.7, "log_loss": 0.45}
        records.put_object(key, {"metrics": metrics, "champion": champion, "verdict": {}})
        text = section(page(planned()), "Model")
        assert "| roc\\_auc | 0.7500 | 0.7000 | +0.0500 | better |" in text
        assert "| log\\_loss | 0.5000 | 0.4500 | +0.0500 | worse |" in text
        assert "| rows | 400 | 400 |  |  |" in text

    def test_the_preview_comes_first(self, aws: AwsSession, deployed: Release, records: ModelRecords) -> None:
        """With the number of a pull request, the training of its own copy counts."""
        preview = ModelRecords(replace(records.context, model=f"{MODEL}-pr-7"))
        preview.put_run("preview", metrics={"rows": 4, "roc_auc": 0.9}, summary="It passes.")
        plan = collect_plan(aws, deployed, [MODEL], pull=7)
        text = section(page(plan), "Model")
        assert text.startswith("`preview` of")
        assert "its evaluation cannot be read" in text

    def test_without_a_training_the_label_is_named(
        self, aws: AwsSession, deployed: Release, records: ModelRecords
    ) -> None:
        """In an account only a training of this very commit counts; else one sentence says how to get one."""
        records.put_run(uuid4().hex, commit="of another commit")
        dev = replace(aws, name="dev")
        assert champion_comparison(dev, deployed.project, MODEL, "of no run", None) is None
        plan = replace(collect_plan(aws, deployed, [MODEL]), environment="dev", comparisons={MODEL: None})
        text = section(page(plan), "Model")
        assert "label the pull request `preview` to train this branch there" in text


class TestRecordedRuns:
    def test_times_of_the_newest_run_count(
        self, aws: AwsSession, deployed: Release, planned: Planned, local_aws: LocalAws
    ) -> None:
        """A run that was recorded makes the estimate: the states it was in, for as long as it was in them."""
        context = ModelContext(aws, deployed.project, MODEL)
        execution = executed(local_aws, deployed)
        ModelRecords(context).put_run("timed", pipeline="quality", status="measured", execution=execution)
        plan = planned()
        [line] = [line for line in plan.runs if line.name == "a run of quality"]
        assert line.basis == "run " + execution.rpartition(":")[2]
        assert line.after is not None
        # A second or two of an ml.m5.xlarge, where the limit of time would be an hour.
        assert 0 < line.after.dollars < 0.01


def executed(local_aws: LocalAws, release: Release) -> str:
    """Return an execution with one short job, in the state of the quality pipeline that has one."""
    client = local_aws.client("stepfunctions")
    deployed = client.describe_state_machine(
        stateMachineArn=naming.state_machine_arn(
            release.project, release.project.environment(LOCAL), MODEL, "quality"
        )
    )
    state = json.loads(deployed["definition"])["States"]["Measure predictions"]
    job_role = state["Parameters"]["RoleArn"]
    job = {
        "ProcessingJobName.$": "States.Format('plan-{}', States.Hash($$.Execution.Id, 'MD5'))",
        "AppSpecification": {
            "ImageUri": Release(ROOT, load_project()).image_uri(release.project.environment(LOCAL)),
            "ContainerEntrypoint": ["python", "-c", "pass"],
        },
        "RoleArn": job_role,
        "ProcessingResources": state["Parameters"]["ProcessingResources"]
        | {"ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}},
    }
    machine = {
        "StartAt": "Measure predictions",
        "States": {
            "Measure predictions": {
                "Type": "Task",
                "Resource": state["Resource"],
                "Parameters": job,
                "End": True,
            }
        },
    }
    arn = client.create_state_machine(
        name=f"{release.project.name}-{MODEL}-timed",
        definition=json.dumps(machine),
        roleArn=deployed["roleArn"],
    )["stateMachineArn"]
    execution: str = client.start_execution(stateMachineArn=arn)["executionArn"]
    for _ in range(200):
        described = client.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            break
        time.sleep(0.1)
    assert described["status"] == "SUCCEEDED", described.get("cause")
    return execution


class TestSize:
    def test_it_fits_into_a_comment(self, planned: Planned) -> None:
        """However much changes, the plan stays within what GitHub takes."""
        plan = planned("pipelines", {"Action: dynamodb:PutItem": f"Action: [{', '.join(many())}]"})
        assert len(page(plan)) <= LIMIT


def many() -> list[str]:
    return [f"dynamodb:Action{number}" for number in range(1000)]
