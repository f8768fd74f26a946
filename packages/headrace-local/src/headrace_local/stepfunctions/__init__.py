"""Step Functions that really runs state machines: moto's interpreter, corrected.

Each correction is one function, named after what is then true, with moto's file and line in its docstring
(`parser/` stands for moto/stepfunctions/parser/, `asl/` for parser/asl/). Nothing in site-packages is edited.
"""

from headrace_local.context import current
from headrace_local.stepfunctions import (
    answers,
    callbacks,
    distributed,
    errors,
    executions,
    history,
    interruption,
    intrinsics,
    machines,
    map_runs,
    maps,
    parallel,
    parsing,
    paths,
    progress,
    redrive,
    refusals,
    tasks,
    times,
)

PARTS = (
    parsing,
    machines,
    executions,
    history,
    answers,
    interruption,
    errors,
    times,
    paths,
    intrinsics,
    progress,
    parallel,
    redrive,
    maps,
    map_runs,
    distributed,
    callbacks,
    tasks,
    refusals,
)


def install() -> None:
    """Correct moto's Step Functions, in this process."""
    for part in PARTS:
        part.install()
    current().after_loading(executions.abort_lost)
    current().before_saving(executions.stop_all)
