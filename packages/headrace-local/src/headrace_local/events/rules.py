"""EventBridge rules: which patterns they accept, and that they fire. moto's files are moto/events/."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.events.exceptions import InvalidEventPatternException, ValidationException
from moto.events.models import EventPattern, EventPatternParser, EventsBackend, Rule, events_backends
from moto.events.responses import EventsHandler

from headrace_local import strict_json
from headrace_local.events import depth, dispatch, guard, inputs, pattern, targets
from headrace_local.events.event import Event, Json, made, name, text_of
from headrace_local.patching import replace

PRINCIPAL = "events.amazonaws.com"
_DEFAULT = "default"


def install() -> None:
    """Correct the rules."""
    match_as_aws_does()
    refuse_invalid_patterns()
    test_patterns()
    send_to_every_target()
    require_a_role_for_state_machines()


def match_as_aws_does() -> None:
    """Match patterns as AWS does, and nothing by a rule that has none.

    models.py:959 lets a rule without a pattern, a nightly schedule say, match every event; models.py:966 does not look
    into arrays of objects, and takes true for 1 and an object for something that exists.
    """

    def matches(found: EventPattern, event: Event) -> bool:
        return pattern.matches(found.get_pattern(), event)

    replace(EventPattern, "matches_event", matches)


def refuse_invalid_patterns() -> None:
    """Refuse what AWS refuses when a rule is put: models.py:1142 takes filters that do not exist."""

    def check(_parser: EventPatternParser, found: Json) -> None:
        if found:
            _check(found)

    replace(EventPatternParser, "_validate_event_pattern", check)


def test_patterns() -> None:
    """Answer TestEventPattern; responses.py:210 does nothing."""

    def test(handler: EventsHandler) -> str:
        found = EventPattern.load(handler._get_param("EventPattern"))  # noqa: SLF001 - how moto is asked
        event = strict_json.loads(handler._get_param("Event"))  # noqa: SLF001 - how moto is asked
        return strict_json.dumps({"Result": found.matches_event(event)})

    replace(EventsHandler, "test_event_pattern", test)


def send_to_every_target() -> None:
    """Deliver a matching event to each target of an enabled rule, as its role, after the request is answered.

    models.py:140 fires disabled rules too, answers 500 when a target is a state machine or a topic, and knows neither
    Input nor InputPath.
    """

    def send(rule: Json, event: Event, transform_input: bool = True) -> None:  # noqa: FBT001, FBT002 - moto's
        if rule.managed_by:  # the rule of an archive
            stock(rule, event, transform_input)
        else:
            _fire_if_matching(rule, event)

    stock = replace(Rule, "send_to_targets", send)


def require_a_role_for_state_machines() -> None:
    """Refuse a state machine as a target without a role, as AWS does; models.py:1399 looks at the ARN only."""

    def put(
        backend: EventsBackend, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]
    ) -> None:
        for target in targets:
            if ":states:" in target["Arn"] and not target.get("RoleArn"):
                raise ValidationException(f"RoleArn is required for target {target['Arn']}.")
        stock(backend, name, event_bus_arn, targets)

    stock = replace(EventsBackend, "put_targets", put)


def publish(  # noqa: PLR0913, PLR0917 - an event has these parts
    account: str, region: str, source: str, detail_type: str, resources: Sequence[str], detail: Json
) -> None:
    """Put an event of a service on the default bus."""
    rules = _rules(account, region, _DEFAULT)
    if rules:
        event = made(account, region, source, detail_type, resources, detail)
        for rule in rules:
            rule.send_to_targets(event)


def fire(rule: Rule, event: Event) -> None:
    """Deliver an event to each target of a rule, unless that would be a loop."""
    loop = guard.detected_loop(rule.arn, depth.current())
    if loop:
        targets.logger.error("rule %s was not fired by %s: %s", rule.arn, name(event), loop)
        return
    with depth.at_depth(depth.current() + 1):
        for target in list(rule.targets):
            _deliver_later(rule, dict(target), event)


def _deliver_later(rule: Rule, target: Mapping[str, Json], event: Event) -> None:
    arn, rule_name = rule.arn, rule.name

    def deliver() -> None:
        bus = targets.Arn.of(target["Arn"])
        if bus.service == "events" and bus.resource.startswith("event-bus/"):
            _pass_on(bus, event)
            return
        attributes = {"RULE_ARN": arn, "EXHAUSTED_RETRY_CONDITION": "NotRetried"}
        sender = targets.Sender("rule", arn, PRINCIPAL, attributes, dead_letter=strict_json.dumps(event))
        targets.deliver(sender, target, inputs.text(target, event, arn, rule_name), event["id"])

    dispatch.later(deliver)


def _pass_on(bus: targets.Arn, event: Event) -> None:
    for rule in _rules(bus.account, bus.region, bus.resource.removeprefix("event-bus/")):
        rule.send_to_targets(event)


def _fire_if_matching(rule: Json, event: Event) -> None:
    if rule.state != "DISABLED" and rule.event_pattern.matches_event(event):
        fire(rule, _as_sent(event))


def _as_sent(event: Event) -> Event:
    """Return an event as targets see it; moto has its time as a number, and when it came."""
    sent = {key: value for key, value in event.items() if key != "ingestion-time"}
    moment = sent["time"]
    if not isinstance(moment, str):
        sent["time"] = text_of(datetime.fromtimestamp(float(moment), UTC))
    return sent


def _rules(account: str, region: str, bus: str) -> list[Json]:
    found = events_backends[account][region].event_buses.get(bus)
    return list(found.rules.values()) if found else []


def _check(found: Json) -> None:
    try:
        pattern.check(found)
    except pattern.PatternError as error:
        raise InvalidEventPatternException(reason=str(error)) from error
