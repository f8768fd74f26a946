"""A person approves or rejects a version of a model."""

from typing import Any

import pytest
from run_records import ModelRecords

from headrace.errors import ConfigurationError
from headrace_aws.registry.approval import DESCRIPTION_LENGTH, decide
from headrace_aws.registry.packages import APPROVED, REJECTED, Approval, Package, package_named

PENDING = "PendingManualApproval"


def decided(records: ModelRecords, approval: Approval, given: str = "", reason: str = "") -> str:
    """Return what is said while a version is decided on."""
    said: list[str] = []
    assert decide(records.context, approval, given, reason, said.append) == 0
    return "\n".join(said)


def version(records: ModelRecords, number: int) -> Package:
    return package_named(records.context, str(number))


def test_the_newest_that_waits_is_approved_and_the_others_are_reported(records: ModelRecords) -> None:
    """Without a name it is the newest pending version, whatever is newer and decided; the older ones go on waiting."""
    for status in (PENDING, PENDING, "Rejected"):
        records.register(approval=status)
    text = decided(records, APPROVED)
    assert version(records, 2).approval == APPROVED
    assert version(records, 1).approval == PENDING
    assert "version 2, registered" in text
    assert "it is the newest that waits; also waiting: 1 (" in text
    assert "inference uses version 2 from now on" in text


def test_verdict_and_metrics_come_before_the_decision(records: ModelRecords) -> None:
    """Who approves sees first what the gate said, and the figures beside those of the constant."""
    execution = records.put_run("run")
    records.put_evaluation(execution)
    records.register(execution, PENDING)
    text = decided(records, APPROVED)
    assert text.index("The model passes all 2 rules.") < text.index("Approved by ")
    assert text.index("log_loss") < text.index("Approved by ")


def test_who_and_why_are_kept_with_the_version(records: ModelRecords) -> None:
    """The registry holds the caller's ARN and the reason, on one line; the metadata stays as it was."""
    records.register("arn:aws:states:us-east-1:000000000000:execution:m:run", PENDING)
    decided(records, REJECTED, "1", "scores\n  look odd")
    package = version(records, 1)
    caller = records.context.aws.client("sts").get_caller_identity()["Arn"]
    assert package.approval == REJECTED
    assert package.approval_note == f"Rejected by {caller}: scores look odd"
    assert package.execution.endswith(":run")


def test_rejecting_what_is_in_use_goes_back_to_the_version_before(records: ModelRecords) -> None:
    """An approved version may be rejected; which one counts then is said, down to none."""
    records.register()
    records.register()
    assert "inference uses version 1 from now on" in decided(records, REJECTED, "2")
    assert "inference has none to use" in decided(records, REJECTED, version(records, 1).arn)


def test_an_older_version_that_is_approved_is_not_the_one_in_use(records: ModelRecords) -> None:
    """Inference takes the newest approved one, and that is not always the last that was approved."""
    records.register(approval=PENDING)
    records.register()
    assert "inference uses version 2 from now on" in decided(records, APPROVED, "1")


def test_without_a_version_that_waits_it_says_what_there_is(records: ModelRecords) -> None:
    """None at all, or none that waits: the message tells which, and nothing changes."""
    with pytest.raises(ConfigurationError, match="waits for approval in local: there is none at all"):
        decided(records, APPROVED)
    records.register()
    with pytest.raises(
        ConfigurationError, match="the newest, 1, is Approved; name another by --model-package"
    ):
        decided(records, REJECTED)
    assert version(records, 1).approval == APPROVED


def test_a_decision_is_not_made_twice(records: ModelRecords) -> None:
    """A version that is in that state already keeps who decided first."""
    records.register(approval=PENDING)
    decided(records, APPROVED, "1", "first")
    with pytest.raises(ConfigurationError, match=r"is already Approved by .*: first .*nothing is changed"):
        decided(records, APPROVED, "1", "second")
    assert version(records, 1).approval_note.endswith("first")


def test_an_unknown_version_is_reported(records: ModelRecords) -> None:
    """The message lists the versions that there are."""
    records.register(approval=PENDING)
    with pytest.raises(ConfigurationError, match="has no version 9 in local; it has: 1"):
        decided(records, APPROVED, "9")


def test_a_reason_that_the_registry_would_refuse_is_refused_at_once(records: ModelRecords) -> None:
    """Its length is counted together with who decides, and nothing is changed."""
    records.register(approval=PENDING)
    with pytest.raises(ConfigurationError, match=r"--reason: it is .* characters too long"):
        decided(records, APPROVED, reason="x" * DESCRIPTION_LENGTH)
    assert version(records, 1).approval == PENDING


def test_versions_of_every_page_are_found(records: ModelRecords) -> None:
    """The registry answers in pages; those that wait are counted over all of them."""
    for _ in range(3):
        records.register(approval=PENDING)

    def cut(params: dict[str, Any], **_: Any) -> None:
        params["MaxResults"] = 1

    events = records.context.sagemaker.meta.events
    events.register("provide-client-params.sagemaker.ListModelPackages", cut)
    try:
        assert "also waiting: 2, 1 (" in decided(records, APPROVED)
    finally:
        events.unregister("provide-client-params.sagemaker.ListModelPackages", cut)
