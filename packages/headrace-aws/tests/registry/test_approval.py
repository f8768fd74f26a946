"""A person approves or rejects a version of a model."""

from typing import Any

import pytest
from run_records import Mill

from headrace.errors import ConfigurationError
from headrace_aws.registry.approval import DESCRIPTION_LENGTH, decide
from headrace_aws.registry.packages import APPROVED, REJECTED, Approval, Package, package_named

PENDING = "PendingManualApproval"


def decided(mill: Mill, approval: Approval, given: str = "", reason: str = "") -> str:
    """Return what is said while a version is decided on."""
    said: list[str] = []
    assert decide(mill.place, approval, given, reason, said.append) == 0
    return "\n".join(said)


def version(mill: Mill, number: int) -> Package:
    return package_named(mill.place, str(number))


def test_the_newest_that_waits_is_approved_and_the_others_are_told(mill: Mill) -> None:
    """Without a name it is the newest pending version, whatever is newer and decided; the older ones go on waiting."""
    for status in (PENDING, PENDING, "Rejected"):
        mill.register(approval=status)
    text = decided(mill, APPROVED)
    assert version(mill, 2).approval == APPROVED
    assert version(mill, 1).approval == PENDING
    assert "version 2, registered" in text
    assert "it is the newest that waits; also waiting: 1 (" in text
    assert "inference uses version 2 from now on" in text


def test_verdict_and_metrics_come_before_the_decision(mill: Mill) -> None:
    """Who approves sees first what the gate said, and the figures beside those of the constant."""
    execution = mill.put_run("run")
    mill.put_evaluation(execution)
    mill.register(execution, PENDING)
    text = decided(mill, APPROVED)
    assert text.index("The model passes all 2 rules.") < text.index("Approved by ")
    assert text.index("log_loss") < text.index("Approved by ")


def test_who_and_why_are_kept_with_the_version(mill: Mill) -> None:
    """The registry holds the caller's ARN and the reason, on one line; the metadata stays as it was."""
    mill.register("arn:aws:states:us-east-1:000000000000:execution:m:run", PENDING)
    decided(mill, REJECTED, "1", "scores\n  look odd")
    package = version(mill, 1)
    caller = mill.place.aws.client("sts").get_caller_identity()["Arn"]
    assert package.approval == REJECTED
    assert package.approval_note == f"Rejected by {caller}: scores look odd"
    assert package.execution.endswith(":run")


def test_rejecting_what_is_in_use_goes_back_to_the_version_before(mill: Mill) -> None:
    """An approved version may be rejected; which one counts then is said, down to none."""
    mill.register()
    mill.register()
    assert "inference uses version 1 from now on" in decided(mill, REJECTED, "2")
    assert "inference has none to use" in decided(mill, REJECTED, version(mill, 1).arn)


def test_an_older_version_that_is_approved_is_not_the_one_in_use(mill: Mill) -> None:
    """Inference takes the newest approved one, and that is not always the last that was approved."""
    mill.register(approval=PENDING)
    mill.register()
    assert "inference uses version 2 from now on" in decided(mill, APPROVED, "1")


def test_without_a_version_that_waits_it_says_what_there_is(mill: Mill) -> None:
    """None at all, or none that waits: the message tells which, and nothing changes."""
    with pytest.raises(ConfigurationError, match="waits for approval in local: there is none at all"):
        decided(mill, APPROVED)
    mill.register()
    with pytest.raises(
        ConfigurationError, match="the newest, 1, is Approved; name another by --model-package"
    ):
        decided(mill, REJECTED)
    assert version(mill, 1).approval == APPROVED


def test_a_decision_is_not_made_twice(mill: Mill) -> None:
    """A version that is in that state already keeps who decided first."""
    mill.register(approval=PENDING)
    decided(mill, APPROVED, "1", "first")
    with pytest.raises(ConfigurationError, match=r"is already Approved by .*: first .*nothing is changed"):
        decided(mill, APPROVED, "1", "second")
    assert version(mill, 1).approval_note.endswith("first")


def test_an_unknown_version_is_told(mill: Mill) -> None:
    """The message lists the versions that there are."""
    mill.register(approval=PENDING)
    with pytest.raises(ConfigurationError, match="has no version 9 in local; it has: 1"):
        decided(mill, APPROVED, "9")


def test_a_reason_that_the_registry_would_refuse_is_refused_at_once(mill: Mill) -> None:
    """Its length is counted together with who decides, and nothing is changed."""
    mill.register(approval=PENDING)
    with pytest.raises(ConfigurationError, match=r"--reason: it is .* characters too long"):
        decided(mill, APPROVED, reason="x" * DESCRIPTION_LENGTH)
    assert version(mill, 1).approval == PENDING


def test_versions_of_every_page_are_found(mill: Mill) -> None:
    """The registry answers in pages; those that wait are counted over all of them."""
    for _ in range(3):
        mill.register(approval=PENDING)

    def cut(params: dict[str, Any], **_: Any) -> None:
        params["MaxResults"] = 1

    events = mill.place.sagemaker.meta.events
    events.register("provide-client-params.sagemaker.ListModelPackages", cut)
    try:
        assert "also waiting: 2, 1 (" in decided(mill, APPROVED)
    finally:
        events.unregister("provide-client-params.sagemaker.ListModelPackages", cut)
