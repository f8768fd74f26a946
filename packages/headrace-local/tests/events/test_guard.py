"""How often a rule may fire."""

from headrace_local.events.guard import DEEPEST, FIRINGS, detected_loop


def test_a_rule_that_is_stormed_is_held_back_and_no_other() -> None:
    """So many firings within a minute, then none; another rule is free, and one deep in a chain never is."""
    assert {detected_loop("stormed", 0) for _ in range(FIRINGS)} == {None}
    assert (
        detected_loop("stormed", 0)
        == f"the rule has fired {FIRINGS} times within 60 s; this looks like a loop"
    )
    assert detected_loop("calm", DEEPEST - 1) is None
    assert detected_loop("calm", DEEPEST) is not None
