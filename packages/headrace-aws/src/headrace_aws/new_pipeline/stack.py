"""The part of the stacks that a pipeline has: a role, a state machine, an output, and who records its early end."""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import jinja2

from headrace import strict_json
from headrace.errors import ConfigurationError
from headrace_aws import naming
from headrace_aws.asl.checks.actions import actions
from headrace_aws.asl.states import Fields
from headrace_aws.stacks.template import template_of

# Every role may use the key and deliver logs, which no definition asks for.
_OF_EVERY_ROLE = ("kms:", "logs:")
_WATCHED = re.compile(r'( +)- \{ "Fn::ImportValue": !Sub "\$\{PipelinesStackName\}-\w+StateMachineArn" \}\n')


def with_pipeline(stack: str, name: str, definition: Fields) -> str:
    """Return the template of the pipelines with role, state machine and output of one more.

    Raises:
        ConfigurationError: the definition calls what no managed policy of the template grants, or uses a placeholder
            that no other pipeline has.
    """
    own = naming.logical_name(name)
    resources = rendered(
        "resources.yaml.jinja",
        name=name,
        own=own,
        policies=_policies(template_of("pipelines", stack).resources, name, actions(definition)),
        substitutions=_substitutions(stack, name, definition),
    )
    before, outputs, after = stack.partition("\nOutputs:\n")
    if not outputs:
        raise ConfigurationError(
            "pipelines.yaml has no Outputs after its Resources; put the section at its end"
        )
    output = (
        f"  {own}StateMachineArn:\n"
        f"    Description: ARN of the {name} pipeline.\n"
        f"    Value: !Ref {own}StateMachine\n"
        f'    Export: {{ Name: !Sub "${{AWS::StackName}}-{own}StateMachineArn" }}\n'
    )
    return f"{before.rstrip()}\n{resources}{outputs}{after.rstrip()}\n{output}"


def with_watch(automation: str, name: str) -> str:
    """Return the template of the automation, whose rule on early ends watches one more pipeline."""
    watched = list(_WATCHED.finditer(automation))
    if not watched:
        raise ConfigurationError(
            "automation.yaml has no list of state machines in EarlyEndRule; put the ARN of each pipeline there, one a line"
        )
    last = watched[-1]
    arn = f"${{PipelinesStackName}}-{naming.logical_name(name)}StateMachineArn"
    line = f'{last[1]}- {{ "Fn::ImportValue": !Sub "{arn}" }}\n'
    return f"{automation[: last.end()]}{line}{automation[last.end() :]}"


def rendered(template: str, **values: object) -> str:
    """Return a text of this folder, filled in."""
    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - Python and YAML, no HTML
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = files(__package__).joinpath(template).read_text(encoding="utf-8")
    return environment.from_string(text).render(**values)


def _policies(resources: Mapping[str, Mapping[str, Any]], name: str, needed: set[str]) -> list[str]:
    """Return the managed policies that grant what is needed, and nothing beyond."""
    granted = {
        logical_id: _actions(resource["Properties"]["PolicyDocument"]["Statement"])
        for logical_id, resource in resources.items()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
    }
    chosen = [logical_id for logical_id, each in granted.items() if each and each <= needed]
    missing = needed - {action for logical_id in chosen for action in granted[logical_id]}
    missing = {action for action in missing if not action.startswith(_OF_EVERY_ROLE)}
    if missing:
        raise ConfigurationError(
            f"no managed policy of pipelines.yaml grants what {name} needs and nothing beyond: "
            f"{', '.join(sorted(missing))}; write its role by hand, as that of the training pipeline"
        )
    return chosen


def _actions(statements: Sequence[Mapping[str, Any]]) -> set[str]:
    listed = [statement["Action"] for statement in statements]
    named = {each for one in listed for each in ([one] if isinstance(one, str) else one)}
    return {action for action in named if not action.startswith(_OF_EVERY_ROLE)}


def _substitutions(stack: str, name: str, definition: Fields) -> list[str]:
    """Return a line for each placeholder of a definition, as the other pipelines have it, in their order."""
    needed = set(re.findall(r"\$\{(\w+)\}", strict_json.dumps(definition)))
    lines: dict[str, str] = {}
    for block in re.findall(r"^      DefinitionSubstitutions:\n((?: {8}\w+: .*\n)+)", stack, re.MULTILINE):
        for line in block.splitlines():
            lines.setdefault(line.partition(":")[0].strip(), line.strip())
    if unknown := sorted(needed - lines.keys()):
        raise ConfigurationError(
            f"{name} uses {', '.join(unknown)}, which no state machine in pipelines.yaml is given; add it there by hand"
        )
    return [line for placeholder, line in lines.items() if placeholder in needed]
