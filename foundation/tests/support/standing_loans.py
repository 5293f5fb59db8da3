"""A loan that is renewed by itself, and reminds of itself: timers without a process."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from carafe import Settings
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.model import AggregateRoot, Clock, DomainEvent, schema
from carafe.domain.recurrence import Recurrence
from carafe.domain.timers import Timer
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.database.repository import Repository
from carafe.infrastructure.service import Service
from carafe.testing.conversation import Table


@schema()
class LoanRenewed(DomainEvent):
    """A loan goes on."""

    times: int


class Renewal(Timer):
    """It is renewed by itself."""

    name: ClassVar[str] = "renewal"


class Reminder(Timer):
    """The member is to think of it."""

    name: ClassVar[str] = "reminder"


@schema(collection="standing_loans")
class StandingLoan(AggregateRoot):
    """A loan that is renewed at three in the morning."""

    times: int = 0
    log: tuple[str, ...] = ()


class OpenStandingLoan(Command, frozen=True):
    """Lend something for long."""

    wire_name: ClassVar[str] = "lending.open_standing_loan"
    scope: ClassVar[str] = "loans"


class LoanRenewedV1(IntegrationEvent, frozen=True):
    """A loan goes on."""

    wire_type = "lending.loan.renewed.v1"
    times: int


def lending_of_standing_loans() -> Service[Settings]:
    """Declare the service."""
    return Service(
        name="lending",
        version="1.0.0",
        settings=Settings,
        root=Path("/nowhere"),
        repositories={StandingLoan: "nowhere:Repository"},
        published={LoanRenewed: LoanRenewedV1},
        scopes={"loans"},
    )


def standing_loan_handlers(loans: Repository[StandingLoan], clock: Clock) -> Sequence[Table]:
    """Return its handlers."""

    def opened(command: OpenStandingLoan, context: CommandContext) -> CommandResult:
        del command

        def make(identifier: str) -> StandingLoan:
            loan = StandingLoan(id=identifier)
            loan.set_timer(Renewal, Recurrence(cron="0 3 * * *", zone="UTC"), at=clock())
            loan.set_timer(Reminder, timedelta(days=1), at=clock(), key="first")
            return loan

        return create(loans, context, make)

    def renew(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(loan: StandingLoan) -> None:
            loan.times += 1
            loan.log = (*loan.log, "renewed")
            loan.record(LoanRenewed(times=loan.times, occurred_at=clock()))

        return change(loans, timer.aggregate_id, context, apply)

    def remind(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(loan: StandingLoan) -> None:
            loan.log = (*loan.log, timer.key)

        return change(loans, timer.aggregate_id, context, apply)

    return [{OpenStandingLoan: opened}, {Renewal: renew, Reminder: remind}]
