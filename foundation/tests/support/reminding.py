"""A process of a library: it blocks a member's card, sends a letter, and waits for the book."""

from datetime import datetime, timedelta
from typing import ClassVar

from carafe.domain.model import DomainCommand, schema
from carafe.domain.process import AfterEnd, Process, process_id
from carafe.domain.steps import Step
from carafe.domain.timers import Timer
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository


@schema()
class BlockCard(DomainCommand):
    """A member may borrow nothing for now."""

    member: str


@schema()
class UnblockCard(DomainCommand):
    """A member may borrow again."""

    member: str


@schema()
class SendLetter(DomainCommand):
    """A letter is to tell a member what to bring back."""

    member: str


@schema()
class RecallLetter(DomainCommand):
    """A letter is to be taken back, if it is still there."""

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
SENDING = Step(
    name="sending",
    within=timedelta(days=3),
    undo=lambda reminding: RecallLetter(member=reminding.member),
)
RETURN = Step(name="return", within=None)


@schema(collection="remindings")
class Reminding(Process):
    """A member is reminded of a loan."""

    STEPS: ClassVar = (BLOCKING, SENDING, RETURN)
    DEADLINE = StepOverdue

    loan_id: str
    member: str
    calls: int = 0

    @classmethod
    def of(cls, identifier: str, loan_id: str, member: str, *, at: datetime) -> "Reminding":
        """Begin to remind a member, by blocking the card."""
        reminding = cls(id=identifier, loan_id=loan_id, member=member, begun_at=at)
        reminding.begin(BLOCKING, BlockCard(member=member), at=at)
        return reminding

    def card_blocked(self, *, at: datetime) -> None:
        """Send the letter."""
        if self.complete(BLOCKING, at=at):
            self.begin(SENDING, SendLetter(member=self.member), at=at)

    def letter_sent(self, *, at: datetime) -> None:
        """Wait for the book, however long it takes."""
        if self.complete(SENDING, at=at):
            self.begin(RETURN, at=at)

    def called(self) -> None:
        """Count that the member has called."""
        self.calls += 1

    def book_returned(self, *, at: datetime) -> None:
        """Be content."""
        if self.complete(RETURN, at=at):
            self.end(at=at)


@schema(collection="strict_remindings")
class StrictReminding(Reminding):
    """One that refuses what comes after its end."""

    AFTER_END: ClassVar = AfterEnd.REFUSE


class RemindingRepository(MongoRepository[Reminding]):
    """Keeps remindings."""

    aggregate = Reminding


def reminding_id(loan_id: str) -> str:
    """Return the id of the process that reminds of a loan."""
    return process_id(Reminding, loan_id)


def a_reminding(loan_id: str = "l-1", *, at: datetime) -> Reminding:
    """Return a process that has just begun."""
    return Reminding.of(reminding_id(loan_id), loan_id, "maria", at=at)


def waits_for_return(*, at: datetime) -> Reminding:
    """Return a process whose letter is sent."""
    reminding = a_reminding(at=at)
    reminding.card_blocked(at=at)
    reminding.letter_sent(at=at)
    return reminding
