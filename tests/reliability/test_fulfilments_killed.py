"""Every function is killed at every step of a compensation, which then goes on where it was (F60).

What was cut comes again, as from a queue. Afterwards all is reconciled: the order, its fulfilment,
its parcel and its money; nothing was done twice, nothing is missing, and nothing is stuck.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
import urllib3
from carafe.development.event_sources import QueueTrigger
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.testing.clock import AdvanceableClock
from carafe.testing.cutting import api_killed_at_every_step, killed_at_every_step
from carafe.testing.http import Api
from carafe.testing.processes import wait_until
from carafe.testing.sqs import Sqs
from carafe.testing.timers import Timers

from chalicelib.domain.fulfilment import NOT_IN_TIME, Fulfilment, fulfilment_id
from chalicelib.domain.order import Order
from chalicelib.infrastructure.settings import Settings
from tests.support.callers import CUSTOMER
from tests.support.fulfilments import WEEK
from tests.support.orders import place_order
from tests.support.payments import Payments
from tests.support.products import register_product
from tests.support.sales import Sale
from tests.support.shipping import Shipping
from tests.support.traffic import Traffic

CANCELLED = "changed my mind"

# The functions have the time of this machine: what is due a week after a sale is due for them.
AGO = WEEK + timedelta(days=1)


@dataclass
class Sales:
    """Orders whose parcels are asked for in vain, and the messages about them."""

    service: Container[Settings]
    clock: AdvanceableClock
    http: Api
    payments: Payments
    shipping: Shipping
    timers: Timers
    traffic: Traffic
    sqs: Sqs
    commands: str

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._product_id = register_product(self.http)
        self.sale = self.begin()

    def begin(self) -> Sale:
        """Sell something, some time ago, and let its parcel be asked for."""
        self.clock.advance(self._began - AGO - self.clock())
        order_id = place_order(self.http, self._product_id)
        self.shipping.fail("silent", order_id)
        orders, fulfilments = self.service.repository(Order), self.service.repository(Fulfilment)
        self.sale = Sale(
            lambda: orders.get(order_id), fulfilments, self.http, self.payments, self.timers
        )
        self.sale.pay()
        self.traffic.until(self.sale.has_status(ProcessStatus.RUNNING))
        self.traffic.relay()
        return self.sale

    def cancel(self) -> None:
        """Let the order be cancelled, and nobody know of it."""
        self.begin().cancel()

    def undo(self) -> None:
        """Let the order be cancelled, and its parcel about to be recalled."""
        self.cancel()
        self.traffic.until(self.sale.has_status(ProcessStatus.UNDOING))

    def miss_deadline(self) -> None:
        """Let nobody ship the parcel, and the order about to be given up."""
        self.begin()
        self.timers.let_pass(WEEK)

    def fulfilment(self) -> list[str]:
        """Return what a nudge says of the fulfilment."""
        return ["fulfilments", fulfilment_id(self.sale.id)]

    def events(self) -> list[str]:
        """Return the events of this sale that are about to come; they come again later."""
        self.traffic.relay()
        found: list[str] = []

        def have_come() -> bool:
            inbox = inbox_queue(self.traffic.broker.name)
            for _, body in self.traffic.broker.take_all(inbox):
                self.traffic.broker.put(inbox, body)
                if json.loads(body)["data"].get("order_id") == self.sale.id:
                    found.append(body.decode())
            return bool(found)

        wait_until(have_come)
        return found

    def queued(self) -> list[str]:
        """Return the command that queues; it comes again later."""
        self.traffic.relay()
        bodies = self.sqs.waiting(self.commands)
        for each in bodies:
            self.sqs.send(self.commands, each)
        return [json.dumps(each) for each in bodies if each.get("data") == self._giving_up()]

    def _giving_up(self) -> dict[str, str]:
        return {"id": self.sale.id, "reason": NOT_IN_TIME}

    def require_undone(self, reason: str) -> None:
        """Require that everything was undone, once."""
        self.traffic.until(self.sale.has_status(ProcessStatus.UNDONE))
        self.traffic.execute()
        assert self.shipping.effects(self.sale.id) == ["recalled"]
        assert self.traffic.aside() == 0
        self.sale.require_undone(reason)
        self.traffic.relay()


@pytest.fixture
def sales(
    service: Container[Settings],
    clock: AdvanceableClock,
    http: Api,
    payments: Payments,
    shipping: Shipping,
    timers: Timers,
    traffic: Traffic,
    sqs: Sqs,
    command_queue: QueueTrigger,
) -> Sales:
    """Orders, and all that has to do with them."""
    return Sales(
        service, clock, http, payments, shipping, timers, traffic, sqs, command_queue.queue
    )


def test_the_api_killed_at_any_step_of_a_cancellation(
    sales: Sales, environment: Mapping[str, str]
) -> None:
    def cancel(address: str) -> None:
        url = f"{address}/orders/{sales.begin().id}/cancellation"
        with suppress(urllib3.exceptions.HTTPError):
            urllib3.request(
                "POST", url, json={"reason": CANCELLED}, headers={**CUSTOMER}, retries=False
            )

    steps = 0
    for steps in api_killed_at_every_step(cancel, environment):  # noqa: B007 - the last
        if sales.sale.order().cancellation_reason is None:
            sales.sale.cancel()
        sales.require_undone(CANCELLED)
    assert steps > 3, "the steps are not counted any more"


def event_of_cancellation(sales: Sales) -> list[str]:
    """Let the event of a cancellation come."""
    sales.cancel()
    return sales.events()


def event_of_recall(sales: Sales) -> list[str]:
    """Let the event of a recall come."""
    sales.undo()
    return sales.events()


def command_to_recall(sales: Sales) -> list[str]:
    """Let a recall be asked for."""
    sales.undo()
    return sales.fulfilment()


def command_to_give_up(sales: Sales) -> list[str]:
    """Let the order's end be asked for."""
    sales.miss_deadline()
    return sales.fulfilment()


def queued_command_to_give_up(sales: Sales) -> list[str]:
    """Let the order be asked to end."""
    sales.miss_deadline()
    return sales.queued()


def due_deadline(sales: Sales) -> list[str]:
    """Let a deadline pass."""
    sales.begin()
    return [json.dumps({"timers_of": [fulfilment_id(sales.sale.id)], "collection": "fulfilments"})]


def due_refund(sales: Sales) -> list[str]:
    """Let money be owed back."""
    sales.cancel()
    return [json.dumps({"timers_of": [sales.sale.id], "collection": "orders"})]


def work_of_the_sweep(sales: Sales) -> list[str]:
    """Let a recall wait for the sweep, and money be owed back."""
    sales.undo()
    return []


@pytest.mark.parametrize(
    ("work", "prepare", "reason"),
    [
        ("consume", event_of_cancellation, CANCELLED),
        ("consume", event_of_recall, CANCELLED),
        ("bridge", command_to_recall, CANCELLED),
        ("bridge", command_to_give_up, NOT_IN_TIME),
        ("sweep", work_of_the_sweep, CANCELLED),
        ("execute", due_deadline, NOT_IN_TIME),
        ("execute", queued_command_to_give_up, NOT_IN_TIME),
        ("execute", due_refund, CANCELLED),
    ],
)
def test_a_function_killed_at_any_step_of_a_compensation(
    sales: Sales,
    environment: Mapping[str, str],
    work: str,
    prepare: Callable[[Sales], list[str]],
    reason: str,
) -> None:
    steps = 0
    for steps in killed_at_every_step(work, lambda: prepare(sales), environment):  # noqa: B007 - the last
        if prepare is due_deadline:
            sales.timers.let_pass(WEEK)  # whatever was cut, the deadline calls again
        sales.require_undone(reason)
    assert steps > 3, "the steps are not counted any more"
