"""The smoke check of a model in an environment, from the first check to the verdict."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from botocore.exceptions import ClientError

from headrace.errors import ConfigurationError
from headrace.golden import GoldenScores
from headrace_aws.model_context import ModelContext
from headrace_aws.release.artefacts import Artefacts
from headrace_aws.release.ledger import Ledger
from headrace_aws.release.manifest import Release
from headrace_aws.release.promotion import environment_before
from headrace_aws.session import AwsSession
from headrace_aws.smoke.check import Check, failed, lines, noted, passed
from headrace_aws.smoke.deployed import deployed_checks
from headrace_aws.smoke.golden import skew_check, training_checks
from headrace_aws.smoke.remedy import deploy_command
from headrace_aws.smoke.scoring import Scored, scored, start_scoring, start_scoring_with
from headrace_aws.smoke.store import has_next_environment, store_scores, stored_scores

PASSED = 0
FAILED = 1


def smoke(context: ModelContext, release: Release, say: Callable[[str], None]) -> int:
    """Check what is deployed and how it scores, print each check, and return the exit status."""
    found = []
    for check in _checks(context, release):
        found.append(check)
        for line in lines(check):
            say(line)
    faults = sum(check.result == "failed" for check in found)
    say(
        f"{faults} of {len(found)} checks failed"
        if faults
        else f"{release.name} of {context.model} is in {context.aws.name}, as it should be"
    )
    return FAILED if faults else PASSED


def _checks(context: ModelContext, release: Release) -> Iterator[Check]:
    """Yield the checks; the jobs run while what is deployed is looked at."""
    source = environment_before(context.aws, context.project)
    with tempfile.TemporaryDirectory() as folder:
        reference = (
            stored_scores(Artefacts(source, context.project), release, context.model, Path(folder))
            if source
            else None
        )
        own = _started("scoring", context, release, lambda: start_scoring(context))
        skew: str | Check | None = None
        if source and reference and isinstance(own, str):
            archive = reference[1]
            skew = _started(_skew(source), context, release, lambda: start_scoring_with(context, archive))
        yield from (each for each in (own, skew) if isinstance(each, Check))
        if release.manifest:
            yield _ledger_check(context, release)
        yield from deployed_checks(context.aws, release, context.model)
    if isinstance(own, str):
        yield from _own_checks(context, release, own)
    if source and reference is None:
        yield failed(
            _skew(source),
            f"{source.name} has stored no scored model of {release.name}",
            f"make run ENV={source.name}, then make smoke ENV={source.name}, and then this again",
        )
    elif source and reference and isinstance(skew, str):
        yield _skew_check(context, source, reference[0], skew)


def _started(subject: str, context: ModelContext, release: Release, start: Callable[[], str]) -> str | Check:
    """Return the execution that was started, or the failed check: the other one is still waited for."""
    try:
        return start()
    except (ConfigurationError, ClientError) as error:
        return failed(subject, str(error), deploy_command(context.aws, release))


def _skew(source: AwsSession) -> str:
    return f"skew against {source.name}"


def _ledger_check(context: ModelContext, release: Release) -> Check:
    subject = "release"
    newest = Ledger(Artefacts(context.aws, context.project), context.model).in_place()
    if newest is None or newest.manifest_hash != release.manifest_hash:
        what = f"release {newest.release}" if newest else "nothing"
        return failed(
            subject,
            f"{what} is deployed here by the record of deployments, and not {release.name}",
            deploy_command(context.aws, release),
        )
    return passed(subject, f"{newest.release}, {newest.status} {newest.ended_at}")


def _own_checks(context: ModelContext, release: Release, execution: str) -> Iterator[Check]:
    """Yield how the newest approved model scores; then it is stored for the environment that comes after."""
    result = scored(context, execution)
    if isinstance(result, Check):
        yield result
    elif result is None:
        yield noted(
            "inference", f"{context.model} has no approved model here yet: nothing can be predicted or scored"
        )
    else:
        checks = training_checks(result.golden, context.model)
        yield from checks
        if (
            release.manifest
            and has_next_environment(context.project, context.aws.name)
            and not any(check.result == "failed" for check in checks)
        ):
            yield passed("stored", f"the model and its scores, in {store_scores(context, release, result)}")


def _skew_check(context: ModelContext, source: AwsSession, there: GoldenScores, execution: str) -> Check:
    result = scored(context, execution)
    if isinstance(result, Scored):
        return skew_check(there, result.golden, source.name)
    return result or failed(_skew(source), "nothing was scored", "see the page of the smoke run")
