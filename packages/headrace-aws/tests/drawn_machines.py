"""State machines to draw: one for each shape that a definition may have, and what a definition says of its edges."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from headrace_aws.config.project import load_project
from pipelines import PIPELINES

FIXTURES = Path(__file__).parents[1] / "fixtures" / "good"
JOB = "arn:aws:states:::sagemaker:createProcessingJob.sync"
CALL = "arn:aws:states:::sns:publish"


def task(to: str | None, resource: str = CALL, **more: Any) -> dict[str, Any]:
    """Return a task that goes on to a state, or ends."""
    return {"Type": "Task", "Resource": resource, **({"Next": to} if to else {"End": True}), **more}


def caught(to: str) -> list[dict[str, Any]]:
    """Return a catcher of every error."""
    return [{"ErrorEquals": ["States.ALL"], "Next": to}]


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """Return a machine that starts with the first state; `_` in a name stands for a space."""
    named = {name.replace("_", " "): state for name, state in states.items()}
    return {"StartAt": next(iter(named)), "States": named}


LOOP = machine(
    Ask=task("Enough?"),
    **{
        "Enough?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.count", "NumericLessThan": 3, "Next": "Wait"},
                {"Variable": "$.again", "BooleanEquals": True, "Next": "Enough?"},
            ],
            "Default": "Done",
        }
    },
    Wait={"Type": "Wait", "Seconds": 5, "Next": "Ask"},
    Done={"Type": "Succeed"},
)
PARALLEL = machine(
    Both={
        "Type": "Parallel",
        "Branches": [
            machine(Left=task("Left end"), Left_end={"Type": "Pass", "End": True}),
            machine(Right=task(None)),
        ],
        "Catch": caught("Sorry"),
        "Next": "Done",
    },
    Done={"Type": "Succeed"},
    Sorry={"Type": "Fail", "Error": "Broken"},
)
NESTED = machine(
    Each_model={
        "Type": "Map",
        "ItemProcessor": machine(
            Each_fold={
                "Type": "Map",
                "ItemsPath": "$.folds",
                "ItemProcessor": machine(
                    Train=task("Score", JOB, Catch=caught("Keep failure")),
                    Score=task(None, JOB, Catch=caught("Keep failure")),
                    Keep_failure={"Type": "Pass", "End": True},
                ),
                "End": True,
            }
        ),
        "End": True,
    }
)


def all_machines() -> dict[str, dict[str, Any]]:
    """Return every machine: the project's own, the fixtures, and those above."""
    project = load_project()
    model = next(iter(project.models))
    own = {pipeline.NAME: pipeline.definition(project, model) for pipeline in PIPELINES}
    fixtures = {file.name: json.loads(file.read_text()) for file in sorted(FIXTURES.glob("*.asl.json"))}
    return own | fixtures | {"loop": LOOP, "parallel": PARALLEL, "nested": NESTED}


def states_of(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every state with its name, those inside of others too."""
    for name, state in definition["States"].items():
        yield name, state
        for inner in (state.get("ItemProcessor"), *state.get("Branches", ())):
            if inner:
                yield from states_of(inner)


def ways_of(definition: dict[str, Any]) -> set[tuple[str, str]]:
    """Return every way from state to state; a catch that leads where the state goes anyway is none of its own."""
    return {
        (name, to)
        for name, state in states_of(definition)
        for to in (
            state.get("Next"),
            state.get("Default"),
            *(each["Next"] for each in (*state.get("Choices", ()), *state.get("Catch", ()))),
        )
        if to
    }
