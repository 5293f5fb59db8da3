"""What the library tells other services, and hears from them; it belongs to the golden data."""

from decimal import Decimal
from typing import ClassVar

from carafe.contracts.base import Command
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused, ReceivedCommand

from .library import NAME


class LoanOpenedV1(IntegrationEvent, frozen=True):
    """A book is lent."""

    wire_type = f"{NAME}.loan.opened.v1"
    member: str
    days: int


class LoanOverdueV1(IntegrationEvent, frozen=True):
    """A book should be back."""

    wire_type = f"{NAME}.loan.overdue.v1"
    member: str


class SendReminderV1(OutgoingCommand, frozen=True):
    """A letter is to be sent."""

    wire_type = "golden_post.letter.send.v1"
    member: str
    text: str


class BlockCardV1(OutgoingCommand, frozen=True):
    """A card is to be blocked."""

    wire_type = "golden_members.card.block.v1"
    member: str


class UnblockCardV1(OutgoingCommand, frozen=True):
    """A card is to be unblocked."""

    wire_type = "golden_members.card.unblock.v1"
    member: str


class MemberReportedV1(IntegrationEvent, frozen=True):
    """A member does not bring back what was lent."""

    wire_type = "golden_members.member.reported.v1"
    member: str


class CardBlockedV1(IntegrationEvent, frozen=True):
    """A card is blocked."""

    wire_type = "golden_members.card.blocked.v1"
    member: str


class LetterSentV1(IntegrationEvent, frozen=True):
    """A letter is sent."""

    wire_type = "golden_post.letter.sent.v1"
    member: str


class LetterRefused(CommandRefused, frozen=True):
    """The post office sends no such letter."""

    wire_type = "golden_post.command.refused.v1"


class CardRefused(CommandRefused, frozen=True):
    """There is no such card."""

    wire_type = "golden_members.command.refused.v1"


class ExtendLoanV1(ReceivedCommand, frozen=True):
    """A member wants to keep a book for longer."""

    wire_type = f"{NAME}.loan.extend.v1"
    sender = "golden_members"
    loan_id: str
    days: int


class ChargeLoan(Command, frozen=True):
    """Charge a fine."""

    wire_name: ClassVar[str] = f"{NAME}.charge_loan"
    scope: ClassVar[str] = "loans:write"

    loan_id: str
    amount: Decimal
    reason: str | None = None
