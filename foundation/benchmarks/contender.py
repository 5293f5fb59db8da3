"""What everybody who takes part in the comparison can do."""

from collections.abc import Sequence
from typing import Any, Protocol

from carafe.contracts.envelope import CommandContext
from chalicelib.domain.order import Order

LISTED = 1_000


class Contender(Protocol):
    """Stores orders in a collection of its own.

    What `made` and `changed` do is not measured: each contender begins an add or a save with
    what its users hold at that moment, and what is measured is the storing alone.
    """

    name: str
    collection: str

    def made(self, order: Order, context: CommandContext) -> Any:  # noqa: ANN401 - its own
        """Return a new order in the contender's form, with its event and command."""

    def add(self, made: Any) -> None:  # noqa: ANN401 - what `made` returned
        """Store a new order."""

    def get(self, identifier: str) -> object:
        """Return an order, without its events and commands."""

    def changed(self, identifier: str) -> Any:  # noqa: ANN401 - its own
        """Return a stored order that has just been paid for, with the event of that."""

    def save(self, changed: Any) -> None:  # noqa: ANN401 - what `changed` returned
        """Store the change."""

    def change(self, identifier: str) -> None:
        """Read an order, change its address, and store that with its event."""

    def list(self) -> Sequence[object]:
        """Return the latest 1,000 orders, without their events and commands."""
