"""What every contract has in common."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from msgspec import Meta, Struct


class Contract(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen message; a field that it does not name is refused."""


class Command(Contract, frozen=True):
    """A wish to change something, in the imperative.

    Attributes:
        wire_name: the name other programs use; never changes, unlike the class's.
        scope: what the caller's token must allow.
    """

    wire_name: ClassVar[str]
    scope: ClassVar[str]


class Query(Contract, frozen=True):
    """A question that changes nothing.

    Attributes:
        scope: what the caller's token must allow; None for what everybody signed in may ask.
    """

    scope: ClassVar[str | None] = None


class CommandAnswer(Contract, frozen=True):
    """What HTTP answers to a command, and answers again when it is repeated.

    Attributes:
        id: the aggregate that changed.
        version: its version after the change.
    """

    id: Annotated[str, Meta(examples=["019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35"])]
    version: Annotated[int, Meta(examples=[1])]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What became of a command.

    Attributes:
        id: the aggregate that changed.
        version: its version after the change.
        repeated: the command took effect before, and this is its first result again.
    """

    id: str
    version: int
    repeated: bool = field(default=False, compare=False)
