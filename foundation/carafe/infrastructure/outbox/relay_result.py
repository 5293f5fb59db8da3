"""What a relay has done."""

from msgspec import Struct, field

from .outbox import EVENTS


class RelayResult(Struct):
    """The result of a relay or a sweep.

    Attributes:
        events: number of events confirmed by the bus.
        commands: number of commands confirmed by the bus or the own queue.
        unfinished: collection and id of the documents that still have events or commands.
        returned: number of them that the bus returned, since no queue accepted them.
        parked: number of documents set aside for a person.
        bus_failed: whether the broker could not be reached.
    """

    events: int = 0
    commands: int = 0
    unfinished: set[tuple[str, str]] = field(default_factory=set)
    returned: int = 0
    parked: int = 0
    bus_failed: bool = False

    def __add__(self, other: "RelayResult") -> "RelayResult":
        return RelayResult(
            self.events + other.events,
            self.commands + other.commands,
            self.unfinished | other.unfinished,
            self.returned + other.returned,
            self.parked + other.parked,
            self.bus_failed or other.bus_failed,
        )

    @property
    def confirmed(self) -> int:
        """Number of events and commands confirmed."""
        return self.events + self.commands

    def count(self, destination: str, confirmed: int) -> None:
        """Count entries that were confirmed."""
        if destination == EVENTS:
            self.events += confirmed
        else:
            self.commands += confirmed
