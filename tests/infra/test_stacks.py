"""The CloudFormation templates: what they grant, and what they keep."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from headrace_aws.asl import publication
from headrace_aws.asl.placeholders import NAMES
from headrace_aws.config.environment import LOCAL, Environment, LogsRetentionInDays
from headrace_aws.config.project import load_project
from headrace_aws.naming import logical_name
from headrace_aws.stacks.desired import LARGEST_TEMPLATE_BODY
from pipelines import PIPELINES, bookkeeping, inference, quality
from tests.infra.templates import STACKS, TEMPLATES, allowed, as_list, policies, resources, template

STATE = {  # what holds data that no deployment can make again
    "data.yaml": {"Key", "DataBucket", "AccessLogsBucket", "RunTable", "Topic"},
    "pipelines.yaml": {"ModelPackageGroup"},
    "automation.yaml": set(),
    "bootstrap.yaml": {"ArtefactBucket", "OidcProvider", "Repository"},
    "network.yaml": set(),
    "permissions.yaml": set(),
}
# Roles that serve the account and no job or state machine. Whom they trust is tested with their stack.
OF_THE_ACCOUNT = {"PlanRole", "PreviewRole", "DriftRole", "DeployRole", "CloudFormationRole", "FlowLogRole"}


def dependencies(value: Any, key: str = "") -> Iterator[str]:
    """Yield the names of what a resource waits for: by DependsOn, Ref, GetAtt, or in a Sub."""
    if isinstance(value, dict):
        for inner, member in value.items():
            yield from dependencies(member, inner)
    elif key == "Fn::GetAtt":
        yield value[0]
    elif isinstance(value, list):
        for member in value:
            yield from dependencies(member, key)
    elif key in {"DependsOn", "Ref"}:
        yield value
    elif key == "Fn::Sub":
        yield from re.findall(r"\$\{(\w+)", value)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
class TestEachTemplate:
    def test_no_statement_allows_every_action(self, file: Path) -> None:
        """A star in an allowed action stands only in the key's policy, where it hands over to IAM."""
        starred = [
            (name, statement["Sid"])
            for name, resource in resources(file).items()
            for statement in policies(resource)
            if statement["Effect"] == "Allow"
            and any("*" in action for action in as_list(statement["Action"]))
        ]
        assert starred == ([("Key", "PoliciesOfThisAccountDecide")] if file.name == "data.yaml" else [])

    def test_every_star_resource_has_its_reason_beside_it(self, file: Path) -> None:
        """A resource that is a bare star is on a line with a comment that says why."""
        lines = [line for line in file.read_text().splitlines() if re.search(r'Resource: .*"\*"', line)]
        assert [line for line in lines if "# " not in line] == []

    def test_only_actions_without_resources_are_granted_on_a_star(self, file: Path) -> None:
        """What is granted on every resource is only what AWS offers no narrower resource for."""
        known = {
            "kms", "cloudwatch:PutMetricData", "ecr:GetAuthorizationToken", "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery", "ec2:DescribeDhcpOptions", "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
            "cloudformation:BatchDescribeTypeConfigurations", "cloudformation:DescribeStackDriftDetectionStatus",
            "cloudformation:ListStacks",
            "ec2:DescribeInstanceTypeOfferings", "kms:CreateKey", "kms:ListAliases",
            "kms:TagResource", "logs:DescribeIndexPolicies", "billing:GetBillingViewData",
            "ec2:DescribeFlowLogs", "ec2:DescribeNetworkAcls", "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroupRules", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEncryptionControls",
            "ec2:DescribeVpcEndpoints",
        }  # fmt: skip
        granted = {
            "kms" if action.startswith("kms:") and name == "Key" else action
            for name, resource in resources(file).items()
            for statement in policies(resource)
            if statement["Effect"] == "Allow" and "*" in as_list(statement.get("Resource", []))
            for action in as_list(statement["Action"])
        }
        assert granted <= known

    def test_state_is_kept(self, file: Path) -> None:
        """What holds state outlives its stack and its replacement."""
        kept = {
            name
            for name, resource in resources(file).items()
            if resource.get("DeletionPolicy") == "RetainExceptOnCreate"
            and resource.get("UpdateReplacePolicy") == "Retain"
        }
        assert kept == STATE[file.name]

    def test_parameters_and_outputs_are_described_and_grouped(self, file: Path) -> None:
        """Every parameter and output has a description, and every parameter a place and a label in the console."""
        content = template(file)
        interface = content.metadata["AWS::CloudFormation::Interface"]
        grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
        assert sorted(grouped) == sorted(content.parameters)
        assert sorted(interface["ParameterLabels"]) == sorted(content.parameters)
        for part in (content.parameters, content.outputs):
            assert [name for name, value in part.items() if not value.get("Description")] == []

    def test_exports_bear_the_stack_and_the_output(self, file: Path) -> None:
        """The export of an output X is named `<stack>-X`."""
        exports = {name: value["Export"]["Name"] for name, value in template(file).outputs.items()}
        assert exports == {name: {"Fn::Sub": f"${{AWS::StackName}}-{name}"} for name in exports}

    def test_cloudformation_takes_its_size(self, file: Path) -> None:
        """A template fits into a request; that of the pipelines, which grows with them, goes through a bucket then."""
        assert file.stat().st_size <= (1_000_000 if file.name == "pipelines.yaml" else LARGEST_TEMPLATE_BODY)

    def test_what_a_stack_makes_is_under_the_project_s_path(self, file: Path) -> None:
        """Roles and policies that the service role makes have the one path that it may touch."""
        if file.name in {"pipelines.yaml", "automation.yaml"}:
            for kind in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
                for name, resource in resources(file, kind).items():
                    assert resource["Properties"]["Path"] == {"Fn::Sub": "/${ProjectName}/"}, name

    def test_no_parameter_is_looked_up(self, file: Path) -> None:
        """CloudFormation asks EC2 for a value of EC2's types, as the caller, who may not."""
        kinds = {each["Type"] for each in template(file).parameters.values()}
        assert kinds <= {"String", "Number", "CommaDelimitedList"}

    def test_a_role_trusts_a_service_only_for_this_account(self, file: Path) -> None:
        """A service can take a role only on behalf of this account and of our own jobs and state machines."""
        for name, role in resources(file, "AWS::IAM::Role").items():
            if name in OF_THE_ACCOUNT:
                continue
            [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
            sources = as_list(statement["Condition"]["ArnLike"]["aws:SourceArn"])
            assert all("${ProjectName}-" in source["Fn::Sub"] for source in sources)

    def test_a_policy_for_everyone_is_none(self, file: Path) -> None:
        """No statement that allows names everyone, and one that names a service says for which account.

        CloudFormation alone does not tell its account, and what passes through an endpoint is somebody's anyway.
        """
        looked_at = {
            name: resource
            for name, resource in resources(file).items()
            if name != "CloudFormationRole" and resource["Type"] != "AWS::EC2::VPCEndpoint"
        }
        for statement in policies(looked_at):
            principal = statement.get("Principal")
            assert statement["Effect"] == "Deny" or principal != "*"
            if statement["Effect"] == "Allow" and isinstance(principal, dict) and "Service" in principal:
                # The key's statement for CloudWatch Logs names the account in the log group's ARN.
                assert "AWS::AccountId" in str(statement["Condition"])


class TestData:
    file = STACKS / "data.yaml"

    def test_buckets_are_private_encrypted_and_refuse_plain_http(self) -> None:
        """Every bucket blocks public access, is encrypted, has no access lists, and has a TLS-only policy."""
        buckets = resources(self.file, "AWS::S3::Bucket")
        policies_of = {
            policy["Properties"]["Bucket"]["Ref"]: policy["Properties"]["PolicyDocument"]["Statement"]
            for policy in resources(self.file, "AWS::S3::BucketPolicy").values()
        }
        for name in ("DataBucket", "AccessLogsBucket"):
            properties = buckets[name]["Properties"]
            assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
            assert properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
            deny = next(statement for statement in policies_of[name] if statement["Effect"] == "Deny")
            assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            assert deny["Action"] == "s3:*"
            assert len(deny["Resource"]) == 2

    def test_the_data_bucket_keeps_former_versions_for_a_while(self) -> None:
        """Objects are versioned; former versions and incomplete uploads go, current objects stay."""
        properties = resources(self.file)["DataBucket"]["Properties"]
        rules = {rule["Id"]: rule for rule in properties["LifecycleConfiguration"]["Rules"]}
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
        assert rules["tier"]["Transitions"][0]["StorageClass"] == "INTELLIGENT_TIERING"
        assert "NoncurrentVersionExpiration" in rules["expire-noncurrent-versions"]
        assert "AbortIncompleteMultipartUpload" in rules["abort-incomplete-uploads"]
        assert not any("ExpirationInDays" in rule for rule in rules.values())

    def test_the_run_table_is_protected(self) -> None:
        """The run table has point-in-time recovery, deletion protection, the project's key, and the agreed keys."""
        properties = resources(self.file)["RunTable"]["Properties"]
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert properties["DeletionProtectionEnabled"] is True
        assert properties["SSESpecification"]["KMSMasterKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}
        assert [key["AttributeName"] for key in properties["KeySchema"]] == ["model", "run"]

    def test_nothing_comes_after_the_run_table(self) -> None:
        """A protected table cannot be rolled back, so every other resource is made before it.

        Also one with a condition, for which DependsOn is refused by cfn-lint: a reference in Metadata waits too.
        """
        found = resources(self.file)
        before: set[str] = set()
        waiting = ["RunTable"]
        while waiting:
            named = set(dependencies(found[waiting.pop()])) & found.keys() - before
            before |= named
            waiting += named
        assert before == found.keys() - {"RunTable"}


class TestPipelines:
    file = STACKS / "pipelines.yaml"

    def test_every_pipeline_has_machine_role_and_definition(self) -> None:
        """For each pipeline that is rendered, the stack has what it needs to run, under the agreed names."""
        found = resources(self.file)
        for pipeline in PIPELINES:
            own = logical_name(pipeline.NAME)
            machine = found[f"{own}StateMachine"]["Properties"]
            name = f"${{ProjectName}}-${{ModelName}}-{pipeline.NAME}"
            assert machine["StateMachineName"] == {"Fn::Sub": name}
            assert machine["RoleArn"] == {"Fn::GetAtt": [f"{own}Role", "Arn"]}
            definition = {"Fn::Sub": f"${{DefinitionsPrefix}}{pipeline.NAME}.asl.json"}
            assert machine["DefinitionS3Location"]["Key"] == definition
            [logs] = machine["LoggingConfiguration"]["Destinations"]
            assert logs["CloudWatchLogsLogGroup"]["LogGroupArn"] == {"Fn::GetAtt": ["LogGroup", "Arn"]}
        assert found["LogGroup"]["Properties"]["RetentionInDays"] == {"Ref": "LogsRetentionInDays"}

    @pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda pipeline: pipeline.NAME)
    def test_a_definition_gets_exactly_the_values_that_it_asks_for(self, pipeline: ModuleType) -> None:
        """The substitutions of a state machine are the placeholders of its definition."""
        project = load_project()
        definition = json.dumps(pipeline.definition(project, next(iter(project.models))))
        machine = resources(self.file)[f"{logical_name(pipeline.NAME)}StateMachine"]["Properties"]
        assert set(machine["DefinitionSubstitutions"]) == set(re.findall(r"\$\{(\w+)\}", definition)) <= NAMES

    def test_state_machines_may_pass_only_the_job_role_and_only_to_sagemaker(self) -> None:
        """iam:PassRole names the job role, and sagemaker.amazonaws.com as the one who gets it."""
        statements = [
            statement
            for statement in policies(resources(self.file))
            if "iam:PassRole" in as_list(statement["Action"])
        ]
        assert [(one["Resource"], one["Condition"]) for one in statements] == [
            (
                {"Fn::GetAtt": ["JobRole", "Arn"]},
                {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            )
        ]

    def test_settings_take_the_retentions_that_the_template_takes(self) -> None:
        """A retention that CloudWatch Logs has not is refused by project.toml, and none is refused by the stack only."""
        taken = template(self.file).parameters["LogsRetentionInDays"]["AllowedValues"]
        assert list(get_args(LogsRetentionInDays)) == taken
        environment = load_project().environment(LOCAL).model_dump()
        Environment.model_validate(environment | {"logs_retention_in_days": taken[0]})
        with pytest.raises(ValidationError, match="logs_retention_in_days"):
            Environment.model_validate(environment | {"logs_retention_in_days": 100})

    def test_only_inference_publishes(self) -> None:
        """Published predictions are written by one role, and by no job."""
        writers = {
            name
            for name in resources(self.file, "AWS::IAM::Role")
            for statement in allowed(self.file, name)
            if "s3:PutObject" in as_list(statement["Action"])
            and "/predictions/*" in json.dumps(statement["Resource"]).replace("predict/predictions", "")
        }
        assert writers == {"InferenceRole"}

    def test_jobs_write_runs_only(self) -> None:
        """A job reads its model's tables, runs and predictions, and writes its model's runs and nothing else."""
        places: dict[str, set[str]] = {}
        for statement in allowed(self.file, "JobRole"):
            for action in as_list(statement["Action"]):
                if action in {"s3:GetObject", "s3:PutObject"}:
                    arns = {
                        resource["Fn::Sub"][0].partition("${Bucket}")[2] for resource in statement["Resource"]
                    }
                    places.setdefault(action, set()).update(arns)
        assert places == {
            "s3:GetObject": {"/${ModelName}/raw/*", "/${ModelName}/runs/*", "/${ModelName}/predictions/*"},
            "s3:PutObject": {"/${ModelName}/runs/*"},
        }


class TestAutomation:
    file = STACKS / "automation.yaml"

    def test_everything_that_starts_a_pipeline_can_be_switched_off(self) -> None:
        """Rules and schedules are enabled by one parameter; but for the one that records what was stopped."""
        states = {
            name: resource["Properties"]["State"]
            for kind in ("AWS::Events::Rule", "AWS::Scheduler::Schedule")
            for name, resource in resources(self.file, kind).items()
            if resource["Type"] == kind
        }
        assert states.pop("EarlyEndRule") == "ENABLED"
        assert states
        assert all(state == {"Ref": "Automation"} for state in states.values())

    def test_triggers_start_the_pipelines_that_answer_them(self) -> None:
        """New data starts retraining and quality, drift starts retraining, and each says what it was."""
        started = {
            name: {
                (
                    re.findall(r"-(\w+)StateMachineArn", str(target["Arn"]))[0],
                    json.loads(target["Input"])["trigger"],
                )
                for target in resource["Properties"]["Targets"]
                if "Input" in target
            }
            for name, resource in resources(self.file, "AWS::Events::Rule").items()
        }
        assert started["NewDataRule"] == {("Retraining", "data"), ("Quality", "data")}
        assert started["DriftRule"] == {("Retraining", "drift")}

    def test_every_pipeline_is_watched_for_an_early_end(self) -> None:
        """An execution of any pipeline that is stopped or timed out is recorded, but for the recorder's own."""
        pattern = resources(self.file)["EarlyEndRule"]["Properties"]["EventPattern"]["detail"]
        watched = set(re.findall(r"-(\w+)StateMachineArn", str(pattern["stateMachineArn"])))
        assert watched == {
            logical_name(pipeline.NAME) for pipeline in PIPELINES if pipeline is not bookkeeping
        }

    def test_no_rule_is_set_off_by_what_it_starts(self) -> None:
        """A rule on raw data matches one object, which no pipeline's role may write."""
        pattern = resources(self.file)["NewDataRule"]["Properties"]["EventPattern"]["detail"]
        assert pattern["object"]["key"] == [{"Fn::Sub": "${ModelName}/raw/_manifest.json"}]
        written = [
            statement["Resource"]
            for role in resources(TestPipelines.file, "AWS::IAM::Role")
            for statement in allowed(TestPipelines.file, role)
            if "s3:PutObject" in as_list(statement["Action"])
        ]
        assert written
        assert "/raw/" not in json.dumps(written)

    def test_alarms_watch_what_pipelines_measure(self) -> None:
        """Namespace, dimension and metric of each alarm are those that a pipeline writes."""
        measured = {*inference.FIGURES, *publication.FIGURES, *quality.FIGURES}
        for alarm in resources(self.file, "AWS::CloudWatch::Alarm").values():
            properties = alarm["Properties"]
            assert properties["Namespace"] == {"Ref": "ProjectName"}
            assert properties["Dimensions"] == [{"Name": "Model", "Value": {"Ref": "ModelName"}}]
            assert properties["MetricName"] in measured
