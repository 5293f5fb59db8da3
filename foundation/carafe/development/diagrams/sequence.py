"""Sequence diagrams as Mermaid source.

sequence_diagram(
    [Participant("Reminding", "lending"), Participant("post")],
    [
        Message("Reminding", "post", "SendLetter"),
        Alternatives(
            (
                ("the letter is sent", (Message("post", "Reminding", "LetterSent", EVENT),)),
                ("no answer in time", (Note("Reminding", "stuck"),)),
            )
        ),
    ],
)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from .mermaid import escape

# The participants stand above their lines only, so that a diagram fits a screen.
SEQUENCE_DIAGRAM = """---
config:
  sequence: {mirrorActors: false}
---
sequenceDiagram"""

# An open arrowhead, as of what nobody waits for; an event is dashed, a refusal ends in a cross.
COMMAND, EVENT, REFUSAL = "-)", "--)", "--x"


@dataclass(frozen=True)
class Participant:
    """Who sends and gets messages.

    Attributes:
        name: unique in the diagram.
        group: the box around it and those of the same group beside it; empty for none.
    """

    name: str
    group: str = ""


@dataclass(frozen=True)
class Message:
    """What one participant sends another, or itself.

    Attributes:
        sender: its name.
        receiver: its name.
        text: what is written above the arrow.
        arrow: `COMMAND`, `EVENT` or `REFUSAL`.
    """

    sender: str
    receiver: str
    text: str
    arrow: str = COMMAND


@dataclass(frozen=True)
class Note:
    """What is written over a participant's line.

    Attributes:
        participant: its name.
        text: its lines, separated by line feeds.
    """

    participant: str
    text: str


@dataclass(frozen=True)
class Alternatives:
    """Branches of which one is taken; a single one is taken or not.

    Attributes:
        branches: each with its condition.
    """

    branches: "tuple[tuple[str, tuple[Item, ...]], ...]"


Item = Message | Note | Alternatives


def sequence_diagram(participants: Sequence[Participant], items: Sequence[Item]) -> str:
    """Return a sequence diagram.

    Args:
        participants: from left to right.
        items: from top to bottom.
    """
    # Numbered, since a name may be a keyword of Mermaid.
    ids = {each.name: f"p{number}" for number, each in enumerate(participants, start=1)}
    lines = [*_participant_lines(participants, ids), *_lines(items, ids)]
    return "\n".join([SEQUENCE_DIAGRAM, *(f"    {line}" for line in lines)])


def _participant_lines(participants: Sequence[Participant], ids: dict[str, str]) -> Iterator[str]:
    for group, members in groupby(participants, lambda each: each.group):
        declared = [f"participant {ids[each.name]} as {escape(each.name)}" for each in members]
        if group:
            # Without a colour, a name that is one would be taken for it.
            yield f"box transparent {escape(group)}"
            yield from (f"    {each}" for each in declared)
            yield "end"
        else:
            yield from declared


def _lines(items: Sequence[Item], ids: dict[str, str]) -> Iterator[str]:
    for each in items:
        match each:
            case Message():
                arrow = f"{ids[each.sender]}{each.arrow}{ids[each.receiver]}"
                yield f"{arrow}: {escape(each.text)}"
            case Note():
                yield f"Note over {ids[each.participant]}: {escape(each.text)}"
            case Alternatives():
                yield from _alternative_lines(each, ids)


def _alternative_lines(alternatives: Alternatives, ids: dict[str, str]) -> Iterator[str]:
    words = ["alt" if len(alternatives.branches) > 1 else "opt"]
    words += ["else"] * (len(alternatives.branches) - 1)
    for word, (condition, items) in zip(words, alternatives.branches, strict=True):
        yield f"{word} {escape(condition)}"
        yield from (f"    {line}" for line in _lines(items, ids))
    yield "end"
