"""Processes that come to their end by several ways, with what they follow and send."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from carafe.development.discovery import reserved_names
from carafe.development.discovery.names import snake

from . import words
from .parts import Data, attributes, descriptions, subsets, without

OTHERS = ("post", "bank", "night_desk")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MOST_STEPS = 4


@dataclass
class Messages:
    """What a process follows and sends, and has not used yet.

    Attributes:
        key: the attribute by which its events find it.
        kind: the type of that.
        own_events: of the aggregate that the key is the id of.
        own_commands: of that aggregate, which take nothing else.
        numbers: for names that nothing else has.
        subscriptions: to events of others, by wire type.
        sent: commands to others, by wire type.
    """

    key: str
    kind: str
    own_events: list[str]
    own_commands: list[str]
    numbers: Iterator[int]
    subscriptions: Data = field(default_factory=dict)
    sent: Data = field(default_factory=dict)

    def event(self, draw: st.DrawFn, more: Data | None = None) -> str:
        """Draw an event that tells the key: an own one if any is left, or a new one of others."""
        if not more and self.own_events and draw(st.booleans()):
            return self.own_events.pop()
        wire_type = self._wire_type(draw, "came")
        self.subscriptions[wire_type] = {
            "description": draw(descriptions()),
            "attributes": {**(more or {}), self.key: self.kind},
        }
        return wire_type

    def command(self, draw: st.DrawFn, kept: Data, undone: str = "") -> str:
        """Draw a command that says some of what a process keeps, other than the one it undoes."""
        known = [each for each in (*self.own_commands, *self.sent) if each != undone]
        if known and draw(st.integers(0, 2)) == 0:
            return draw(st.sampled_from(known))
        wire_type = self._wire_type(draw, "do")
        told = [each for each in draw(subsets(kept)) if each not in reserved_names.SENT]
        self.sent[wire_type] = {
            "description": draw(descriptions()),
            "attributes": {name: kept[name] for name in told} or {self.key: self.kind},
        }
        return wire_type

    def _wire_type(self, draw: st.DrawFn, verb: str) -> str:
        number = next(self.numbers)
        letter = LETTERS[number // len(LETTERS)] + LETTERS[number % len(LETTERS)]
        noun = snake(draw(st.sampled_from(words.ORDINARY)))
        other = draw(st.sampled_from(OTHERS))
        return f"{other}.{noun}_{letter}.{verb}.v{1 + number % 2}"


@st.composite
def processes(
    draw: st.DrawFn, names: Iterator[str], drawn: Data, declared: tuple[str, ...]
) -> Data:
    """Draw processes, with the parts of the model that they need.

    Args:
        draw: of Hypothesis.
        names: of the processes.
        drawn: the aggregates, by name.
        declared: names of the model's types.
    """
    numbers = itertools.count()
    parts: Data = {"subscriptions": {}, "sent_commands": {}, "processes": {}}
    for name in itertools.islice(names, draw(st.integers(0, 2))):
        messages = draw(_messages(drawn, numbers))
        parts["processes"][name] = draw(_process(messages, declared))
        parts["subscriptions"] |= messages.subscriptions
        parts["sent_commands"] |= messages.sent
    return parts


@st.composite
def _messages(draw: st.DrawFn, drawn: Data, numbers: Iterator[int]) -> Messages:
    """Draw what a process is about: one of the aggregates, or something of other services."""
    name = draw(st.sampled_from([*drawn, None]))
    if name is None:
        kind = draw(st.sampled_from(("identifier", "text(17)")))
        return Messages("the_key", kind, [], [], numbers)
    aggregate: dict[str, Any] = drawn[name]
    events = draw(st.permutations([*aggregate["events"]]))
    commands = [
        command
        for command, each in aggregate.get("commands", {}).items()
        if _takes_nothing(aggregate["behaviors"][each["behavior"]])
        and ("owner" not in aggregate or each.get("scope") == "operations")
    ]
    return Messages(f"{snake(name)}_id", "identifier", events, commands, numbers)


def _takes_nothing(behavior: Data) -> bool:
    return not behavior.get("takes") and not behavior.get("creates")


@st.composite
def _process(draw: st.DrawFn, messages: Messages, declared: tuple[str, ...]) -> Data:
    taken = reserved_names.PROCESS_ATTRIBUTES | {messages.key}
    others = {
        name: kind for name, kind in draw(attributes(declared, 0, 4)).items() if name not in taken
    }
    kept = {messages.key: messages.kind, **others}
    process = {
        "description": draw(descriptions()),
        "correlation": [messages.key],
        "attributes": kept,
        "begins_on": messages.event(draw, others),
        "steps": draw(_steps(messages, kept)),
        "undone_on": [messages.event(draw) for _ in range(draw(st.integers(0, 2)))],
        "after_end": draw(st.sampled_from((None, "ignore", "refuse"))),
    }
    return without(process)


@st.composite
def _steps(draw: st.DrawFn, messages: Messages, kept: Data) -> Data:
    """Draw steps: each leads to the next one, perhaps further, and the last one to the end."""
    names = draw(st.permutations(words.STEPS))[: draw(st.integers(1, MOST_STEPS))]
    steps: Data = {}
    for position, name in enumerate(names):
        later = names[position + 2 :]
        following = names[position + 1] if position + 1 < len(names) else "end"
        answers = {messages.event(draw): following}
        for _ in range(draw(st.integers(0, 2))):
            answers[messages.event(draw)] = draw(st.sampled_from([*later, "end", "fail"]))
        sends = messages.command(draw, kept) if draw(st.booleans()) else None
        steps[name] = without(
            {
                "description": draw(descriptions()),
                "sends": sends,
                "within": draw(st.sampled_from((*words.DELAYS, "forever"))),
                "answers": answers,
                "undo": draw(_undo(messages, kept, sends)) if sends else None,
            }
        )
    return steps


@st.composite
def _undo(draw: st.DrawFn, messages: Messages, kept: Data, undone: str) -> Data:
    if draw(st.booleans()):
        return {}
    undo = {"sends": messages.command(draw, kept, undone)}
    if draw(st.booleans()):
        undo |= {"within": draw(st.sampled_from(words.DELAYS)), "answer": messages.event(draw)}
    return undo
