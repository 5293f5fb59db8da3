"""The library, declared and wired, with the functions that handle what comes."""

import fcntl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import carafe
from carafe.api.functions import Functions
from carafe.api.handlers import Handlers
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.contracts.received_commands import CommandRefused
from carafe.domain.errors import RuleBroken
from carafe.domain.model import Clock
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.cqrs.processes import advance, begin, deadlines, refusal
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    inbox_queue,
    parked_queue,
    retry_queue,
    unrouted_queue,
)
from carafe.testing.clock import AdvanceableClock
from carafe.testing.inbound import Broker
from tests.support.two_services import Declared, wired

from . import contracts as con
from . import library as lib

LOCK = Path(tempfile.gettempdir()) / "carafe-golden-library.lock"
CURSOR_SECRET = "kept-for-the-golden-data"


class Refusing(RuleBroken):
    """What a timer's handler refuses with, where a test wants it."""

    code = "refusing"


def declared_library(clock: AdvanceableClock) -> Declared:
    """Declare the library."""
    module = lib.__name__
    service = Declared(
        name=lib.NAME,
        version="1.0.0",
        settings=carafe.Settings,
        root=Path("/nowhere"),
        repositories={
            lib.Loan: f"{module}:LoanRepository",
            lib.Reminding: f"{module}:RemindingRepository",
        },
        published={lib.LoanOpened: con.LoanOpenedV1, lib.LoanOverdue: con.LoanOverdueV1},
        sent={
            lib.SendReminder: con.SendReminderV1,
            lib.BlockCard: con.BlockCardV1,
            lib.UnblockCard: con.UnblockCardV1,
            lib.Charge: con.ChargeLoan,
        },
        subscribed=[
            con.MemberReportedV1,
            con.CardBlockedV1,
            con.LetterSentV1,
            con.LetterRefused,
            con.CardRefused,
            con.ExtendLoanV1,
        ],
        scopes={"loans:write"},
    )
    service.clock = clock
    return service


@contextmanager
def library_on(
    environment: Mapping[str, str], clock: AdvanceableClock
) -> Iterator[tuple[Container[Any], Functions]]:
    """Give the library on some servers, empty; nobody else has it meanwhile.

    Its name is in what it sends, and so the same in each process that shares these servers.
    """
    service = declared_library(clock)
    with LOCK.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        container = wired(service, {**environment, "CURSOR_SECRET": CURSOR_SECRET})
        try:
            _prepare(container)
            yield container, Functions(service, [], handlers_of)
            container.database.client.drop_database(container.database.name)
        finally:
            container.close()


def _prepare(container: Container[Any]) -> None:
    container.database.client.drop_database(container.database.name)
    container.prepare_database()
    # By the server's clock, the tombstones of the kept time have ended long ago.
    container.database["loans"].drop_index("expires_at")
    container.prepare_bus()
    broker = Broker(container)
    queues = [each(lib.NAME) for each in (inbox_queue, parked_queue, unrouted_queue)]
    for queue in (*queues, *(retry_queue(lib.NAME, each) for each in RETRY_DELAYS_SECONDS)):
        broker.take_all(queue)


def handlers_of(container: Container[Any]) -> Handlers:
    """Return the handlers of the library."""
    loans, remindings = container.repository(lib.Loan), container.repository(lib.Reminding)
    of_loans = LoanHandlers(loans, container.clock)
    of_remindings = RemindingHandlers(remindings, container.clock)
    return Handlers(
        commands=[{con.ChargeLoan: of_loans.charge}],
        events=[
            {
                con.ExtendLoanV1: of_loans.extend,
                con.MemberReportedV1: of_remindings.reported,
                con.CardBlockedV1: of_remindings.card_blocked,
                con.LetterSentV1: of_remindings.letter_sent,
                con.LetterRefused: of_remindings.refused,
                con.CardRefused: of_remindings.refused,
            }
        ],
        timers=[
            {
                lib.LoanDue: of_loans.due,
                lib.Stocktaking: of_loans.taken_stock,
                lib.StepOverdue: deadlines(remindings, container.clock),
            }
        ],
    )


class LoanHandlers:
    """Handles what concerns loans.

    Args:
        loans: keeps them.
        clock: returns the present.
    """

    def __init__(self, loans: Repository[lib.Loan], clock: Clock) -> None:
        self._loans = loans
        self._clock = clock

    def charge(self, command: con.ChargeLoan, context: CommandContext) -> CommandResult:
        """Charge a fine."""
        at = self._clock()
        return change(
            self._loans, command.loan_id, context, lambda loan: loan.charge(command.amount, at=at)
        )

    def extend(self, command: con.ExtendLoanV1, context: CommandContext) -> CommandResult:
        """Let a member keep the book for longer."""

        def apply(loan: lib.Loan) -> None:
            loan.days += command.days
            due = timedelta(days=loan.days)
            loan.set_timer(lib.LoanDue, due, at=self._clock(), key="final")

        return change(self._loans, command.loan_id, context, apply)

    def due(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        """Remind the member, unless the loan says that it refuses."""

        def apply(loan: lib.Loan) -> None:
            if loan.note == "refuse":
                raise Refusing("Not now.")
            loan.remind(at=self._clock())

        return change(self._loans, timer.aggregate_id, context, apply)

    def taken_stock(self, timer: DueTimer, context: CommandContext) -> CommandResult:
        """Note that the copy was seen."""

        def apply(loan: lib.Loan) -> None:
            loan.note = "seen"

        return change(self._loans, timer.aggregate_id, context, apply)


class RemindingHandlers:
    """Leads remindings.

    Args:
        remindings: keeps them.
        clock: returns the present.
    """

    def __init__(self, remindings: Repository[lib.Reminding], clock: Clock) -> None:
        self._remindings = remindings
        self._clock = clock

    def reported(self, event: con.MemberReportedV1, context: CommandContext) -> CommandResult:
        """Begin."""
        at = self._clock()
        return begin(
            self._remindings,
            lib.reminding_id(event.member),
            context,
            lambda identifier: lib.Reminding.of(identifier, event.member, at=at),
        )

    def card_blocked(self, event: con.CardBlockedV1, context: CommandContext) -> CommandResult:
        """Go on."""
        at, identifier = self._clock(), lib.reminding_id(event.member)
        return advance(self._remindings, identifier, context, lambda each: each.card_blocked(at=at))

    def letter_sent(self, event: con.LetterSentV1, context: CommandContext) -> CommandResult:
        """End."""
        at, identifier = self._clock(), lib.reminding_id(event.member)
        return advance(self._remindings, identifier, context, lambda each: each.letter_sent(at=at))

    def refused(self, event: CommandRefused, context: CommandContext) -> CommandResult:
        """Go back."""
        return refusal(self._remindings, event, context, self._clock)
