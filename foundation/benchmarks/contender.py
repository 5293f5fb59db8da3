"""The operations that every contender of the comparison offers."""

from collections.abc import Sequence
from typing import Any, Protocol

from carafe.contracts.envelope import CommandContext
from chalicelib.domain.order import Order

LISTED = 1_000


class Contender(Protocol):
    """Stores orders in a collection of its own.

    `new_record` and `paid_record` are not measured: each contender begins an add or a save with
    what its users hold at that moment, so that only the storing is measured.
    """

    name: str
    collection: str

    def new_record(self, order: Order, context: CommandContext) -> Any:  # noqa: ANN401 - its own
        """Return a new order in the contender's form, with its event and command."""

    def add(self, record: Any) -> None:  # noqa: ANN401 - what `new_record` returned
        """Store a new order."""

    def get(self, identifier: str) -> object:
        """Return an order, without its events and commands."""

    def paid_record(self, identifier: str) -> Any:  # noqa: ANN401 - its own
        """Return a stored order that has just been paid for, with its event."""

    def save(self, record: Any) -> None:  # noqa: ANN401 - what `paid_record` returned
        """Store the change."""

    def change(self, identifier: str) -> None:
        """Read an order, change its address, and store that with its event."""

    def list(self) -> Sequence[object]:
        """Return the latest 1,000 orders, without their events and commands."""
