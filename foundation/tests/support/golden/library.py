"""The service whose forms are kept: a library that stores and sends everything that can be.

It belongs to the golden data: a change here changes what every later version is compared with.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import ClassVar
from uuid import UUID

from carafe.domain.model import (
    AggregateRoot,
    DomainCommand,
    DomainEvent,
    Index,
    ValueObject,
    schema,
)
from carafe.domain.process import Process, process_id
from carafe.domain.recurrence import Recurrence
from carafe.domain.steps import Step
from carafe.domain.timers import Timer
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository

NAME = "golden"


class Condition(Enum):
    """How a copy looks."""

    FINE = "fine"
    WORN = "worn"


@schema()
class Fine(ValueObject):
    """What a member owes."""

    amount: Decimal
    since: datetime


@schema(tag="desk")
class Desk(ValueObject):
    """One way to borrow."""

    number: int


@schema(tag="post")
class Post(ValueObject):
    """Another way to borrow."""

    street: str
    floor: int | None = None


@schema()
class LoanOpened(DomainEvent):
    """A book is lent."""

    member: str
    days: int


@schema()
class LoanOverdue(DomainEvent):
    """A book should be back."""

    member: str


@schema()
class SendReminder(DomainCommand):
    """A letter is to be sent by another service."""

    member: str
    text: str


@schema()
class Charge(DomainCommand):
    """The service itself is to charge a fine."""

    loan_id: str
    amount: Decimal


class LoanDue(Timer):
    """The book should be back."""

    name: ClassVar[str] = "loan_due"


class Stocktaking(Timer):
    """The copy is looked for every morning."""

    name: ClassVar[str] = "stocktaking"


@schema(collection="loans", indexes=(Index(("member", "opened_at")),))
class Loan(AggregateRoot):
    """A book that is lent, with an attribute of every form."""

    member: str
    book: UUID
    condition: Condition
    opened_at: datetime
    way: Desk | Post
    fines: tuple[Fine, ...]
    weight: float
    cover: bytes
    is_renewable: bool
    days: int
    reminders: int = 0
    note: str | None = None

    def open(self, *, at: datetime) -> None:
        """Lend the book: one timer is due soon, one later, one again and again."""
        self.record(LoanOpened(member=self.member, days=self.days, occurred_at=at))
        self.set_timer(LoanDue, timedelta(minutes=10), at=at)
        self.set_timer(LoanDue, timedelta(days=self.days), at=at, key="final")
        self.set_timer(Stocktaking, Recurrence(cron="0 6 * * *", zone="Europe/Berlin"), at=at)

    def remind(self, *, at: datetime) -> None:
        """Tell everybody, have a letter sent, and have a fine charged."""
        self.reminders += 1
        self.record(LoanOverdue(member=self.member, occurred_at=at))
        self.send(SendReminder(member=self.member, text="Bring it back."))
        self.send(Charge(loan_id=self.id, amount=Decimal("1.50")))

    def charge(self, amount: Decimal, *, at: datetime) -> None:
        """Charge a fine."""
        self.fines = (*self.fines, Fine(amount=amount, since=at))


class LoanRepository(MongoRepository[Loan]):
    """Keeps loans."""

    aggregate = Loan


@schema()
class BlockCard(DomainCommand):
    """A member may borrow nothing for now."""

    member: str


@schema()
class UnblockCard(DomainCommand):
    """A member may borrow again."""

    member: str


class StepOverdue(Timer):
    """A step has waited too long."""

    name: ClassVar[str] = "step_overdue"


BLOCKING = Step(
    name="blocking",
    within=timedelta(hours=1),
    undo=lambda reminding: UnblockCard(member=reminding.member),
    undo_within=timedelta(hours=2),
)
SENDING = Step(name="sending", within=timedelta(days=3))


@schema(collection="remindings")
class Reminding(Process):
    """A member is blocked, and reminded of a loan."""

    STEPS: ClassVar = (BLOCKING, SENDING)
    DEADLINE = StepOverdue

    member: str

    @classmethod
    def of(cls, identifier: str, member: str, *, at: datetime) -> "Reminding":
        """Begin to remind a member."""
        reminding = cls(id=identifier, member=member, begun_at=at)
        reminding.begin(BLOCKING, BlockCard(member=member), at=at)
        return reminding

    def card_blocked(self, *, at: datetime) -> None:
        """Have the letter sent."""
        if self.complete(BLOCKING, at=at):
            self.begin(SENDING, SendReminder(member=self.member, text="Last one."), at=at)

    def letter_sent(self, *, at: datetime) -> None:
        """Be content."""
        if self.complete(SENDING, at=at):
            self.end(at=at)


class RemindingRepository(MongoRepository[Reminding]):
    """Keeps remindings."""

    aggregate = Reminding


def reminding_id(member: str) -> str:
    """Return the id of the process that reminds a member."""
    return process_id(Reminding, member)
