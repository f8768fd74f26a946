"""Compare the model of this branch with the champion, from the record of a training that has run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from headrace.errors import HeadraceError
from headrace_aws import naming
from headrace_aws.config.environment import LOCAL
from headrace_aws.config.project import Project
from headrace_aws.model_context import ModelContext
from headrace_aws.runs.records.run_record import RunRecord
from headrace_aws.runs.records.table import runs
from headrace_aws.runs.summary import evaluation_at
from headrace_aws.s3_objects import ObjectError
from headrace_aws.session import AwsSession

_TRAINED = {"registered", "refused"}


@dataclass(frozen=True)
class ChampionComparison:
    """The metrics of a training and of the champion on the same rows; empty without a champion."""

    run: RunRecord
    metrics: Mapping[str, Any]
    champion: Mapping[str, Any]
    note: str = ""


def champion_comparison(
    aws: AwsSession, project: Project, model: str, commit: str, pull: int | None
) -> ChampionComparison | None:
    """Return the newest training of the pull request's preview, else of the commit; None when there is none.

    In the environment `local`, whose trainings are this machine's, the newest one counts whatever its commit.
    """
    run = _newest(ModelContext(aws, project, naming.preview(model, pull)), "") if pull is not None else None
    run = run or _newest(ModelContext(aws, project, model), "" if aws.name == LOCAL else commit)
    if run is None:
        return None
    context = ModelContext(aws, project, run.model)
    key = run.key("evaluate/evaluation/evaluation.json")
    try:
        evaluation = evaluation_at(context.s3, f"s3://{context.bucket}/{key}")
    except (ObjectError, ClientError) as error:
        return ChampionComparison(
            run, run.metrics, {}, f"its evaluation cannot be read, so the champion is not shown: {error}"
        )
    champion = evaluation.get("champion") or {}
    note = evaluation.get("champion_note") or (
        "" if champion else "there is no approved model to compare with"
    )
    return ChampionComparison(run, evaluation.get("metrics", run.metrics), champion, note)


def _newest(context: ModelContext, commit: str) -> RunRecord | None:
    attributes = {"pipeline": naming.TRAINING, "commit": commit}
    try:
        return next((run for run in runs(context, **attributes) if run.status in _TRAINED), None)
    except HeadraceError:  # no table yet, or a record that cannot be read: `make runs` says why
        return None
