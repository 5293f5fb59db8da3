"""What the two services tell each other and are told."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from carafe.contracts.base import Command
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused, ReceivedCommand, refusal_type
from carafe.domain.model import DomainCommand

from . import library, post

LIBRARY, POST = "library", "post"
SCOPE = "library:use"


class Act(Command, frozen=True, kw_only=True):
    """Do something with a shelf; what is empty or 0 is left out.

    Attributes:
        shelf: which one; empty to put up a new one.
        name: of this command; noted.
        events: so many are told.
        copy_to: a shelf where the note is copied.
        errand: the mood of an errand that is wanted.
        alarm: key of an alarm to set, or move.
        seconds: until it rings.
        cancel: key of an alarm to cancel.
        is_last: the shelf is deleted.
    """

    wire_name: ClassVar[str] = "act"
    scope: ClassVar[str] = SCOPE

    shelf: str = ""
    name: str
    events: int = 0
    copy_to: str = ""
    errand: str = ""
    alarm: str = ""
    seconds: float = 0
    cancel: str = ""
    is_last: bool = False


class CopyNoteCommand(Command, frozen=True):
    """Note the same on another shelf."""

    wire_name: ClassVar[str] = "copy_note"
    scope: ClassVar[str] = SCOPE

    shelf: str
    name: str


class NotedV1(IntegrationEvent, frozen=True):
    """Something is noted."""

    wire_type: ClassVar[str] = "library.shelf.noted.v1"
    label: str


class RungV1(IntegrationEvent, frozen=True):
    """An alarm has rung."""

    wire_type: ClassVar[str] = "library.shelf.rung.v1"
    label: str


class ErrandWantedV1(IntegrationEvent, frozen=True):
    """An errand is wanted."""

    wire_type: ClassVar[str] = "library.errand.wanted.v1"
    label: str
    errand: str
    mood: str


class WorkedV1(IntegrationEvent, frozen=True):
    """The post office has done something."""

    wire_type: ClassVar[str] = "post.desk.worked.v1"
    label: str
    errand: str
    what: str


class PostRefused(CommandRefused, frozen=True):
    """The post office does not do it."""

    wire_type: ClassVar[str] = refusal_type(POST)


_FIELDS = [("errand", str), ("mood", str)]
VERBS: Mapping[str, type[DomainCommand]] = {
    post.PRINT: library.PrintPage,
    post.MAIL: library.MailPage,
    post.TEAR: library.TearPage,
    post.RECALL: library.RecallPage,
}


def _contract(verb: str, base: type[Any], suffix: str, **names: str) -> type[Any]:
    namespace = {"wire_type": f"post.desk.{verb}.v1", "__doc__": verb, **names}
    name = f"{verb.title()}Page{suffix}"
    return msgspec.defstruct(name, _FIELDS, bases=(base,), namespace=namespace, frozen=True)


OUTGOING = {verb: _contract(verb, OutgoingCommand, "V1") for verb in VERBS}
RECEIVED = {verb: _contract(verb, ReceivedCommand, "", sender=LIBRARY) for verb in VERBS}
