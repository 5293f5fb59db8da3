"""A library that reminds its readers by letter, and calls loans back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import carafe
from carafe.api.functions import Functions
from carafe.api.handlers import Handlers
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.received_commands import CommandRefused
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.testing.examples import NOON

from .two_services import Contracts, Declared


@schema()
class LoanOverdue(DomainEvent):
    """A book should be back."""

    reader: str


@schema()
class SendReminder(DomainCommand):
    """A letter is to tell the reader."""

    reader: str
    text: str


@schema()
class CallBack(DomainCommand):
    """Another loan of the same reader is to be called back too."""

    loan_id: str


@schema(collection="loans")
class Loan(AggregateRoot):
    """A book that is lent."""

    reader: str
    reminders: int = 0
    refused_with: str = ""

    def remind(self, text: str = "Bring it back.", also: str = "") -> None:
        """Tell the reader that the book is due, and perhaps call another loan back."""
        self.reminders += 1
        self.record(LoanOverdue(reader=self.reader, occurred_at=NOON))
        self.send(SendReminder(reader=self.reader, text=text))
        if also:
            self.send(CallBack(loan_id=also))

    def note_refusal(self, code: str) -> None:
        """Remember that the letter was not sent."""
        self.refused_with = code


class LoanRepository(MongoRepository[Loan]):
    """Keeps loans."""

    aggregate = Loan


class CallLoanBack(Command, frozen=True):
    """Call a loan back."""

    wire_name: ClassVar[str] = "lending.call_loan_back"
    scope: ClassVar[str] = "loans:write"

    loan_id: str


def library_of(told: Contracts, name: str, **changes: Any) -> Declared:  # noqa: ANN401 - any argument
    """Declare the library."""
    declaration: Mapping[str, Any] = {
        "name": name,
        "version": "1.0.0",
        "settings": carafe.Settings,
        "root": Path("/nowhere"),
        "repositories": {Loan: f"{__name__}:LoanRepository"},
        "published": {LoanOverdue: told.overdue},
        "sent": {SendReminder: told.outgoing, CallBack: CallLoanBack},
        "subscribed": [told.refused],
        "scopes": {"loans:write"},
    }
    return Declared(**{**declaration, **changes})


def library_functions(declared: Declared, told: Contracts) -> Functions:
    """Return the functions of the library."""

    def make_handlers(container: Container[Any]) -> Handlers:
        loans = container.repository(Loan)

        def call_back(command: CallLoanBack, context: CommandContext) -> CommandResult:
            return change(loans, command.loan_id, context, lambda loan: loan.remind())

        def note_refusal(refusal: CommandRefused, context: CommandContext) -> CommandResult:
            loan = loans.collection.find_one({"reminders": {"$gt": 0}})
            assert loan is not None
            return change(loans, loan["_id"], context, lambda each: each.note_refusal(refusal.code))

        return Handlers(commands=[{CallLoanBack: call_back}], events=[{told.refused: note_refusal}])

    return Functions(declared, [], make_handlers)
