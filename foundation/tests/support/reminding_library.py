"""A library whose process is begun by its own event, and led by those of two other services."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import carafe
from carafe.api.functions import Functions
from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused, refusal_type
from carafe.domain.model import AggregateRoot, Clock, DomainCommand, DomainEvent, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.mediator import EventHandler
from carafe.infrastructure.cqrs.processes import advance, begin, deadlines, refusal
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.repository import Repository
from carafe.testing.examples import NOON

from .reminding import (
    BLOCKING,
    BlockCard,
    RecallLetter,
    Reminding,
    SendLetter,
    StepOverdue,
    UnblockCard,
    reminding_id,
)
from .two_services import Declared

SUPPORT = __name__.rpartition(".")[0]


@schema()
class LoanOpened(DomainEvent):
    """A book is lent."""

    loan_id: str
    member: str


@schema(collection="opened_loans")
class OpenedLoan(AggregateRoot):
    """A book that is lent."""

    member: str

    def open(self) -> None:
        """Lend it."""
        self.record(LoanOpened(loan_id=self.id, member=self.member, occurred_at=NOON))


class OpenedLoanRepository(MongoRepository[OpenedLoan]):
    """Keeps loans."""

    aggregate = OpenedLoan


@dataclass
class Told:
    """The contracts of the library and of the services that it talks to, under names of a test."""

    opened: type[IntegrationEvent]
    blocked: type[IntegrationEvent]
    unblocked: type[IntegrationEvent]
    sent: type[IntegrationEvent]
    called: type[IntegrationEvent]
    returned: type[IntegrationEvent]
    letter_refused: type[CommandRefused]
    card_refused: type[CommandRefused]
    commands: Mapping[type[DomainCommand], type[OutgoingCommand]]

    @property
    def subscribed(self) -> list[type[IntegrationEvent]]:
        return [
            self.opened,
            self.blocked,
            self.unblocked,
            self.sent,
            self.called,
            self.returned,
            self.letter_refused,
            self.card_refused,
        ]


def told_by(library: str, members: str, post: str) -> Told:
    """Return contracts under these names of services."""

    class LoanOpenedV1(IntegrationEvent, frozen=True):
        """A book is lent."""

        wire_type = f"{library}.loan.opened.v1"
        loan_id: str
        member: str

    def about_loan(wire_type: str) -> type[IntegrationEvent]:
        class AboutLoan(IntegrationEvent, frozen=True):
            """Something happened that concerns a loan."""

            loan_id: str

        AboutLoan.wire_type = wire_type
        AboutLoan.__name__ = wire_type.title().replace(".", "").replace("_", "")
        return AboutLoan

    def asking(wire_type: str) -> type[OutgoingCommand]:
        class Asking(OutgoingCommand, frozen=True):
            """Something is to be done for a member."""

            member: str

        Asking.wire_type = wire_type
        Asking.__name__ = wire_type.title().replace(".", "").replace("_", "")
        return Asking

    class LetterRefused(CommandRefused, frozen=True):
        """The post office sends no such letter."""

        wire_type = refusal_type(post)

    class CardRefused(CommandRefused, frozen=True):
        """There is no such card."""

        wire_type = refusal_type(members)

    return Told(
        opened=LoanOpenedV1,
        blocked=about_loan(f"{members}.card.blocked.v1"),
        unblocked=about_loan(f"{members}.card.unblocked.v1"),
        sent=about_loan(f"{post}.letter.sent.v1"),
        called=about_loan(f"{members}.member.called.v1"),
        returned=about_loan(f"{members}.book.returned.v1"),
        letter_refused=LetterRefused,
        card_refused=CardRefused,
        commands={
            BlockCard: asking(f"{members}.card.block.v1"),
            UnblockCard: asking(f"{members}.card.unblock.v1"),
            SendLetter: asking(f"{post}.letter.send.v1"),
            RecallLetter: asking(f"{post}.letter.recall.v1"),
        },
    )


def library_of(told: Told, name: str, **changes: Any) -> Declared:  # noqa: ANN401 - any argument
    """Declare the library."""
    declaration: Mapping[str, Any] = {
        "name": name,
        "version": "1.0.0",
        "settings": carafe.Settings,
        "root": Path("/nowhere"),
        "repositories": {
            OpenedLoan: f"{__name__}:OpenedLoanRepository",
            Reminding: f"{SUPPORT}.reminding:RemindingRepository",
        },
        "published": {LoanOpened: told.opened},
        "sent": told.commands,
        "subscribed": told.subscribed,
    }
    return Declared(**{**declaration, **changes})


def handlers_of(remindings: Repository[Reminding], told: Told, clock: Clock) -> Handlers:
    """Return the handlers of the library."""

    def opened(event: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401 - made above
        return begin(
            remindings,
            reminding_id(event.loan_id),
            context,
            lambda identifier: Reminding.of(identifier, event.loan_id, event.member, at=clock()),
        )

    def advancing(step: Callable[[Reminding], object]) -> EventHandler:
        def handle(event: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401 - the same
            return advance(remindings, reminding_id(event.loan_id), context, step)

        return handle

    def refused(event: CommandRefused, context: CommandContext) -> CommandResult:
        return refusal(remindings, event, context, clock)

    events = {
        told.opened: opened,
        told.blocked: advancing(lambda each: each.card_blocked(at=clock())),
        told.unblocked: advancing(lambda each: each.confirm_undo(BLOCKING, at=clock())),
        told.sent: advancing(lambda each: each.letter_sent(at=clock())),
        told.called: advancing(lambda each: each.called()),
        told.returned: advancing(lambda each: each.book_returned(at=clock())),
        told.letter_refused: refused,
        told.card_refused: refused,
    }
    return Handlers(events=[events], timers=[{StepOverdue: deadlines(remindings, clock)}])


def library_functions(declared: Declared, told: Told) -> Functions:
    """Return the functions of the library."""

    def make_handlers(container: Container[Any]) -> Handlers:
        return handlers_of(container.repository(Reminding), told, container.clock)

    return Functions(declared, [], make_handlers)
