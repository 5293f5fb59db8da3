"""Tickets over a collection that notes what it is asked: an aggregate of two versions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pymongo.client_session import ClientSession

from carafe.contracts.integration_events import Published
from carafe.domain.model import AggregateRoot, DomainEvent, Index, schema
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.steps import Downcaster, Upcaster
from carafe.infrastructure.outbox.outbox import Outbox
from carafe.testing.clock import StoppedClock
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.stores import CURSORS, Nudged

from .observed_collection import ObservedCollection, ObservedDatabase
from .two_services import contracts

Document = dict[str, Any]

SESSION: ClientSession = object()  # type: ignore[assignment]
"""Stands for a transaction."""


@schema()
class TicketSold(DomainEvent):
    """Somebody has a ticket."""

    reader: str


SEAT_TAKEN = Index(("seat",), unique=True, only_where=(("status", ("booked", "paid")),))
MARK = "status_is_booked_or_paid"


@schema(collection="tickets", version=2, indexes=(SEAT_TAKEN,))
class Ticket(AggregateRoot):
    """A ticket for a seat. Earlier ones called their status a state, and had no guest."""

    seat: str
    status: str = "booked"
    guest: str = ""

    def sell(self) -> None:
        self.record(TicketSold(reader=self.guest, occurred_at=NOON))


@schema(collection="coupons")
class Coupon(AggregateRoot):
    """What has one form alone, and no index that leaves a choice."""

    value: int

    def use(self, times: int = 1) -> None:
        for _ in range(times):
            self.record(TicketSold(reader="", occurred_at=NOON))


def with_a_status(document: Document) -> Document:
    """Version 1 to 2."""
    document["status"] = document.pop("state")
    return document | {"guest": ""}


def with_a_state(document: Document) -> Document:
    """Version 2 to 1, which has no place for a guest."""
    document["state"] = document.pop("status")
    del document["guest"]
    return document


class Tickets(MongoRepository[Ticket]):
    """Writes the present form."""

    aggregate = Ticket
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: with_a_status}


class CarefulTickets(Tickets):
    """Writes the earlier form wherever it holds everything."""

    downcasters: ClassVar[Mapping[int, Downcaster]] = {2: with_a_state}


class Coupons(MongoRepository[Coupon]):
    """Keeps coupons."""

    aggregate = Coupon


class Office:
    """Repositories over one database.

    Attributes:
        tickets: in the present form.
        careful: the same tickets, in the earlier form.
        coupons: without any of this.
        nudged: of all.
        clock: of all.
    """

    def __init__(self) -> None:
        self.nudged, self.clock = Nudged(), StoppedClock(NOON)
        self._database: Any = ObservedDatabase()
        published: Published = {TicketSold: contracts("theatre", "post").overdue}
        self._outbox = Outbox("theatre", published, clock=self.clock)
        self.tickets = self._kept(Tickets)
        self.careful = self._kept(CarefulTickets)
        self.coupons = self._kept(Coupons)
        self.stored: ObservedCollection = self._database["tickets"]
        self.stored_coupons: ObservedCollection = self._database["coupons"]

    def _kept(self, kind: Any) -> Any:  # noqa: ANN401 - of each type
        return kind(self._database, self._outbox, self.nudged, CURSORS, self.clock)

    def store(self, version: int) -> None:
        """Store the ticket `t-1` in a form, and forget that it was."""
        states: dict[int, Document] = {
            1: {"seat": "A7", "state": "booked"},
            2: {"seat": "A7", "status": "booked", "guest": ""},
        }
        self.stored.insert_one(
            {
                "_id": "t-1",
                "version": 5,
                "schema_version": version,
                "sequence": 2,
                **states[version],
                "pending": [],
                "handled": [],
            }
        )
        self.stored.notes.clear()


def a_ticket(identifier: str = "t-1", **fields: Any) -> Ticket:  # noqa: ANN401 - any value
    return Ticket(id=identifier, **{"seat": "A7", **fields})


def added(office: Office, **fields: Any) -> Ticket:  # noqa: ANN401 - any value
    """Return a ticket that is stored."""
    ticket = a_ticket(**fields)
    office.tickets.add(ticket, a_context())
    office.stored.notes.clear()
    return ticket
