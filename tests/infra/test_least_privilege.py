"""Roles grant what is required, on the resources where it is required, and nothing beyond.

What a state machine and its jobs require comes from its definition (`required_permissions`), what a role grants from the templates
(`grants`); what AWS requires that no definition shows is a table in `required_permissions` with its source.
"""

import json
import re
from types import ModuleType

import pytest

from headrace_aws.asl.checks.findings import Definition
from headrace_aws.config.project import load_project
from headrace_aws.naming import logical_name
from pipelines import PIPELINES
from tests.infra.grants import EXPORTED, Grant, grants, machine_arn, text, unused
from tests.infra.required_permissions import IMAGE, JOB_ROLE, MODEL, PROJECT, required_by, required_by_jobs
from tests.infra.templates import STACKS, allowed, resources

STACK = STACKS / "pipelines.yaml"
SUBSTITUTED = EXPORTED | {"ImageUri": IMAGE, "JobRoleArn": JOB_ROLE, "TrainingArn": machine_arn("training")}


def definition(pipeline: ModuleType) -> Definition:
    """Return a pipeline's definition as it is deployed."""
    project = load_project()
    model = next(iter(project.models.values()))
    made = project.model_copy(update={"name": PROJECT, "models": {MODEL: model}})
    rendered = json.dumps(pipeline.definition(made, MODEL))
    found: Definition = json.loads(
        re.sub(r"\$\{(\w+)\}", lambda name: SUBSTITUTED.get(name[1], name[0]), rendered)
    )
    return found


DEFINITIONS = {pipeline.NAME: definition(pipeline) for pipeline in PIPELINES}


@pytest.mark.parametrize("pipeline", DEFINITIONS)
class TestStateMachines:
    def granted(self, pipeline: str) -> list[Grant]:
        return grants(allowed(STACK, f"{logical_name(pipeline)}Role"))

    def test_nothing_is_missing(self, pipeline: str) -> None:
        """Each call of a definition, on its resource, is allowed by a statement of the role."""
        granted = self.granted(pipeline)
        required = required_by(pipeline, DEFINITIONS[pipeline])
        assert {each for each in required if not any(grant.allows(each) for grant in granted)} == set()

    def test_nothing_is_beyond(self, pipeline: str) -> None:
        """Each action and each resource of a statement is used by a call of the definition."""
        required = required_by(pipeline, DEFINITIONS[pipeline])
        assert list(unused(self.granted(pipeline), required)) == []


class TestJobs:
    granted = grants(allowed(STACK, "JobRole"))
    required = required_by_jobs(DEFINITIONS)

    def test_nothing_is_missing(self) -> None:
        """Whatever a job reads and writes, and what SageMaker does for it in its name, the role allows."""
        assert {
            each for each in self.required if not any(grant.allows(each) for grant in self.granted)
        } == set()

    def test_nothing_is_beyond(self) -> None:
        """The role allows nothing that no job of any pipeline uses."""
        assert list(unused(self.granted, self.required)) == []


class TestWhatStartsPipelines:
    file = STACKS / "automation.yaml"

    @pytest.mark.parametrize(
        ("role", "kind"), [("EventRole", "AWS::Events::Rule"), ("ScheduleRole", "AWS::Scheduler::Schedule")]
    )
    def test_rules_and_schedules_start_their_targets_and_nothing_else(self, role: str, kind: str) -> None:
        """What a role may start is what the rules, or the schedules, that name it start."""
        targets = [
            target
            for resource in resources(self.file, kind).values()
            if resource["Type"] == kind
            for target in resource["Properties"].get("Targets", [resource["Properties"].get("Target")])
        ]
        assert {tuple(target["RoleArn"]["Fn::GetAtt"]) for target in targets} == {(role, "Arn")}
        [granted] = grants(allowed(self.file, role))
        assert granted.actions == {"states:StartExecution"}
        assert granted.resources == {text(target["Arn"]) for target in targets}
