"""Explains routing keys, and warns where they break the convention.

A routing key is `<context>.<aggregate>.<event>`; the CloudEvents type adds the version. So a
consumer can bind by context, aggregate or event, and a new version of an event reaches the
consumers of the old one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.development.discovery.names import snake, words

WORDS = 3
LONGEST_KEY = 255
"""Bytes: the limit of a short string in AMQP 0-9-1."""


@dataclass(frozen=True)
class Advice:
    """Advice on one event.

    Attributes:
        wire_type: the event's wire type.
        key: its routing key.
        patterns: the patterns for consumers, each with its meaning, narrowest first.
        warnings: how the key breaks the convention.
    """

    wire_type: str
    key: str
    patterns: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def advise_on(
    event: type[IntegrationEvent], context: str | None, aggregates: Sequence[str]
) -> Advice:
    """Return advice on one event.

    Args:
        event: the contract.
        context: the expected first word of its key; None for an event of another service.
        aggregates: the allowed second words; empty for an event of another service.
    """
    key = routing_key(event.wire_type)
    first, *rest = key.split(".")
    patterns = [(key, "this event, in every version")]
    if rest:
        patterns.append((f"{first}.{rest[0]}.*", f"everything about one {words(rest[0])}"))
    patterns.append((f"{first}.#", f"everything that {first} publishes"))
    return Advice(
        event.wire_type, key, tuple(patterns), tuple(_warnings(event, key, context, aggregates))
    )


def _warnings(
    event: type[IntegrationEvent], key: str, context: str | None, aggregates: Sequence[str]
) -> Iterator[str]:
    words = key.split(".")
    if len(words) != WORDS or not all(words):
        yield f"{key} does not have the form context.aggregate.event"
        return
    if len(key.encode()) > LONGEST_KEY:
        yield f"{key} is longer than the {LONGEST_KEY} bytes that AMQP allows"
    if not all(re.fullmatch(r"[a-z]+(_[a-z]+)*", word) for word in words):
        yield f"{key} has words that are not in lower case with single underscores"
    if context is not None and words[0] != context:
        yield f"{key} does not begin with {context}, the context that publishes it"
    if aggregates and words[1] not in aggregates:
        yield f"{words[1]} in {key} is not an aggregate: use one of {', '.join(aggregates)}"
    expected = _expected_word(event, words[1])
    if words[2] != expected:
        yield f"{key} ends in {words[2]}, but {event.__name__} suggests {expected}"
    if not any(each.endswith(_PAST) for each in words[2].split("_")):  # given_up, checked_in
        yield f"{words[2]} in {key} does not look like the past tense: an event has happened"


# Regular verbs, and irregular ones that are likely in names of events.
_PAST = (
    "ed", "sent", "paid", "made", "sold", "lost", "found", "built", "left", "met", "begun",
    "given", "taken", "chosen", "broken", "written", "withdrawn", "known", "grown", "set", "put",
    "bought", "brought", "caught", "held", "kept", "told", "won", "lent", "run", "done", "gone",
    "drawn", "shown", "driven", "fallen", "risen", "split", "cut", "hit", "quit", "shut", "read",
)  # fmt: skip


def _expected_word(event: type[IntegrationEvent], aggregate: str) -> str:
    """Return the word for the event in the key: its class name without aggregate and version."""
    return snake(re.sub(r"V\d+$", "", event.__name__)).removeprefix(f"{aggregate}_")
