"""How a paid order comes to its customer: a conversation with the shipping service.

    paid: dispatch ──► shipped ──► delivered: the end
              │
              ├─ refused ──────────► the order is to be given up
              ├─ not in time ──────► the order is to be given up ─► cancelled
              └─ cancelled ─► recall ─► recalled: the end

The order alone decides between a shipment and a cancellation, since both are its own commits. This
process follows the events that tell of them, and recalls no parcel before the order is cancelled.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from carafe.domain.model import DomainCommand, schema
from carafe.domain.process import Process, process_id
from carafe.domain.steps import Step
from carafe.domain.timers import Timer

NOT_IN_TIME = "not shipped in time"

# While neither a shipment nor a cancellation is known, the order is asked for it once more.
ASK_AGAIN = timedelta(days=1)


@schema()
class DispatchParcel(DomainCommand):
    """The parcel with an order is to go to its customer."""

    order_id: str


@schema()
class RecallParcel(DomainCommand):
    """The parcel with an order is to stay, or to come back."""

    order_id: str


@schema()
class GiveUpOrder(DomainCommand):
    """An order is to be cancelled, if it still waits for its shipment."""

    id: str
    reason: str


class FulfilmentOverdue(Timer):
    """A step has waited too long."""

    name: ClassVar[str] = "fulfilment_overdue"


DISPATCH = Step(
    name="dispatch",
    within=timedelta(days=7),
    undo=lambda fulfilment: RecallParcel(order_id=fulfilment.order_id),
    undo_within=timedelta(days=1),
)
"""Its time is that of a setting; whoever cancels the order in the meantime undoes it."""

DELIVERY = Step(name="delivery", within=None)
"""The parcel is with the carrier: nothing can be undone, however long that takes."""


@schema(collection="fulfilments")
class Fulfilment(Process):
    """A paid order is on its way to its customer."""

    STEPS: ClassVar = (DISPATCH, DELIVERY)
    DEADLINE = FulfilmentOverdue

    order_id: str

    @classmethod
    def of(
        cls, identifier: str, order_id: str, dispatch_within: timedelta, *, at: datetime
    ) -> "Fulfilment":
        """Begin, by asking for the parcel.

        Args:
            identifier: of `fulfilment_id`.
            order_id: of the order that was paid.
            dispatch_within: how long the shipment may take.
            at: the present.
        """
        fulfilment = cls(id=identifier, order_id=order_id, begun_at=at)
        dispatch = replace(DISPATCH, within=dispatch_within)
        fulfilment.begin(dispatch, DispatchParcel(order_id=order_id), at=at)
        return fulfilment

    def order_shipped(self, *, at: datetime) -> None:
        """Wait for the delivery."""
        if self.complete(DISPATCH, at=at):
            self.begin(DELIVERY, at=at)

    def order_delivered(self, *, at: datetime) -> None:
        """End: all is done."""
        if self.complete(DELIVERY, at=at):
            self.end(at=at)

    def order_cancelled(self, *, at: datetime) -> None:
        """Recall the parcel."""
        self.undo("the order was cancelled", at=at)

    def give_up(self, step: Step, *, at: datetime) -> None:
        """Ask for the order to be cancelled; whether it is, its events tell.

        While they do not, it is asked again: the order takes that once.
        """
        self._give_up_order(NOT_IN_TIME)
        self.set_timer(self.DEADLINE, ASK_AGAIN, at=at, key=step.name)

    def after_undo(self, *, at: datetime) -> None:
        """See that the order is cancelled: without a parcel it must not stay paid."""
        del at
        self._give_up_order(self.reason or NOT_IN_TIME)

    def _give_up_order(self, reason: str) -> None:
        self.send(GiveUpOrder(id=self.order_id, reason=reason))


def fulfilment_id(order_id: str) -> str:
    """Return the id of the process that fulfils an order."""
    return process_id(Fulfilment, order_id)
