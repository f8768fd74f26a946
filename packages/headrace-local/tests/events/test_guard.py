"""How often a rule may fire."""

from headrace_local.events.guard import DEEPEST, FIRINGS, refusal


def test_a_rule_that_is_stormed_is_held_back_and_no_other() -> None:
    """So many firings within a minute, then none; another rule is free, and one deep in a chain never is."""
    assert {refusal("stormed", 0) for _ in range(FIRINGS)} == {None}
    assert refusal("stormed", 0) == f"the rule has fired {FIRINGS} times within 60 s; this looks like a loop"
    assert refusal("calm", DEEPEST - 1) is None
    assert refusal("calm", DEEPEST) is not None
