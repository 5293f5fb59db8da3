"""Explains routing keys, and warns where they break the convention.

A routing key is `<context>.<aggregate>.<event>`; the CloudEvents type adds the version. So a
consumer can bind by context, aggregate or event, and a new version of an event reaches the
consumers of the old one. A command's key is `<context>.<aggregate>.<command>`, in the words of the
service that receives it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import ReceivedCommand
from carafe.development.discovery.names import snake, words

WORDS = 3
LONGEST_KEY = 255
"""Bytes: the limit of a short string in AMQP 0-9-1."""


Contract = type[IntegrationEvent] | type[OutgoingCommand]


@dataclass(frozen=True)
class Advice:
    """Advice on one event or command.

    Attributes:
        wire_type: its wire type.
        key: its routing key.
        patterns: the patterns for consumers, each with its meaning, narrowest first.
        warnings: how the key breaks the convention.
    """

    wire_type: str
    key: str
    patterns: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def advise_on(contract: Contract, context: str | None, aggregates: Sequence[str]) -> Advice:
    """Return advice on one event or command.

    Args:
        contract: of the event or command.
        context: the expected first word of its key; None if another service decides.
        aggregates: the allowed second words; empty if another service decides.
    """
    key = routing_key(contract.wire_type)
    first, *rest = key.split(".")
    kind, everything = ("event", f"everything that {first} publishes")
    if _is_command(contract):
        kind, everything = ("command", f"every command to {first}")
    patterns = [(key, f"this {kind}, in every version")]
    if rest:
        patterns.append((f"{first}.{rest[0]}.*", f"everything about one {words(rest[0])}"))
    patterns.append((f"{first}.#", everything))
    return Advice(
        contract.wire_type,
        key,
        tuple(patterns),
        tuple(_warnings(contract, key, context, aggregates)),
    )


def _is_command(contract: Contract) -> bool:
    return issubclass(contract, OutgoingCommand | ReceivedCommand)


def _warnings(
    contract: Contract, key: str, context: str | None, aggregates: Sequence[str]
) -> Iterator[str]:
    is_command = _is_command(contract)
    words = key.split(".")
    if len(words) != WORDS or not all(words):
        last = "command" if is_command else "event"
        yield f"{key} does not have the form context.aggregate.{last}"
        return
    if len(key.encode()) > LONGEST_KEY:
        yield f"{key} is longer than the {LONGEST_KEY} bytes that AMQP allows"
    if not all(re.fullmatch(r"[a-z]+(_[a-z]+)*", word) for word in words):
        yield f"{key} has words that are not in lower case with single underscores"
    if context is not None and words[0] != context:
        verb = "receives" if is_command else "publishes"
        yield f"{key} does not begin with {context}, the context that {verb} it"
    if aggregates and words[1] not in aggregates:
        yield f"{words[1]} in {key} is not an aggregate: use one of {', '.join(aggregates)}"
    expected = _expected_word(contract, words[1])
    if words[2] != expected:
        yield f"{key} ends in {words[2]}, but {contract.__name__} suggests {expected}"
    is_past = any(each.endswith(_PAST) for each in words[2].split("_"))  # given_up, checked_in
    if is_command and words[2].endswith(_REGULAR_PAST):
        yield f"{words[2]} in {key} looks like the past tense: a command is a wish"
    if not is_command and not is_past:
        yield f"{words[2]} in {key} does not look like the past tense: an event has happened"


_REGULAR_PAST = "ed"

# Regular verbs, and irregular ones that are likely in names of events.
_PAST = (
    _REGULAR_PAST, "sent", "paid", "made", "sold", "lost", "found", "built", "left", "met", "begun",
    "given", "taken", "chosen", "broken", "written", "withdrawn", "known", "grown", "set", "put",
    "bought", "brought", "caught", "held", "kept", "told", "won", "lent", "run", "done", "gone",
    "drawn", "shown", "driven", "fallen", "risen", "split", "cut", "hit", "quit", "shut", "read",
)  # fmt: skip


def _expected_word(contract: Contract, aggregate: str) -> str:
    """Return the last word of the key: the class's name without aggregate and version.

    An event's name begins with the aggregate, a command's ends with it.
    """
    name = snake(re.sub(r"V\d+$", "", contract.__name__))
    if _is_command(contract):
        return name.removesuffix(f"_{aggregate}")
    return name.removeprefix(f"{aggregate}_")
