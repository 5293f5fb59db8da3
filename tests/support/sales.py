"""An order from its payment to its end, and what becomes of its parcel and its money."""

from collections.abc import Callable
from dataclasses import dataclass

from carafe.domain.errors import NotFound
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.database.repository import Repository
from carafe.testing.http import Api
from carafe.testing.timers import Timers

from chalicelib.domain.fulfilment import Fulfilment, fulfilment_id
from chalicelib.domain.order import OrderStatus
from tests.support.callers import OPERATOR
from tests.support.fulfilments import WEEK
from tests.support.paying import CurrentOrder, cancel, pay
from tests.support.payments import Payments


@dataclass
class Sale:
    """An order, and all that has to do with it."""

    order: CurrentOrder
    fulfilments: Repository[Fulfilment]
    http: Api
    payments: Payments
    timers: Timers

    @property
    def id(self) -> str:
        return self.order().id

    def fulfilment(self) -> Fulfilment:
        return self.fulfilments.get(fulfilment_id(self.id))

    def has_status(self, status: ProcessStatus) -> Callable[[], bool]:
        """Return whether the fulfilment has a status, as a condition."""

        def is_so() -> bool:
            try:
                return self.fulfilment().status is status
            except NotFound:
                return False

        return is_so

    def pay(self) -> None:
        assert pay(self.http, self.id).status == 200

    def cancel(self) -> None:
        cancel(self.http, self.id)

    def ship(self) -> None:
        """Let an operator note the shipment."""
        shipment = {"carrier": "Courier", "tracking_code": "C-1"}
        assert self.http.post(f"/orders/{self.id}/shipment", shipment, OPERATOR).status == 200

    def deliver(self) -> None:
        """Let an operator note the delivery."""
        assert self.http.post(f"/orders/{self.id}/delivery", {}, OPERATOR).status == 200

    def require_fulfilled(self) -> None:
        """Require that the order is delivered, and its money kept."""
        self.timers.let_pass(2 * WEEK)
        assert self.order().status is OrderStatus.DELIVERED
        assert self.fulfilment().status is ProcessStatus.COMPLETED
        self.payments.reconcile(self.order())

    def require_undone(self, reason: str) -> None:
        """Require that the order is cancelled, and its money given back once."""
        self.timers.let_pass(2 * WEEK)
        assert self.order().cancellation_reason == reason
        assert self.fulfilment().status is ProcessStatus.UNDONE
        self.require_refunded()

    def require_refunded(self) -> None:
        assert self.order().status is OrderStatus.CANCELLED
        assert len(self.payments.listed("refunds", self.id)) == 1
        self.payments.reconcile(self.order())
