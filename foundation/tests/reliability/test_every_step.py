"""Every step of command, relay and consume is cut in turn; then all is reconciled.

Cut by an exception, in this process, and by kill -9 of a process of its own. Whatever was cut is
done again, as queues and callers do: nothing is lost, nothing invented, nothing done twice, and
first deliveries keep their order.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from app import functions
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.cqrs.queued_commands import QueuedMessage
from carafe.infrastructure.errors import InfrastructureError
from carafe.testing.contexts import a_context
from carafe.testing.cutting import MOST_STEPS, killed_at_every_step
from carafe.testing.examples import NOON
from carafe.testing.inbound import Broker
from chalicelib.domain.order import Order, OrderStatus
from tests.support.cutting import Steps, cutting
from tests.support.inbound import parcel_dispatched, payment_captured
from tests.support.orders import a_shipped_order, an_order
from tests.support.reconciliation import Reconciliation

# About what was open at a cut (tests.support.cutting).
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


class CutOff(Exception):
    """The work was cut here."""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    """Return what cuts the work of this process at a step."""
    with cutting(monkeypatch, CutOff) as steps:
        yield steps


PAID = ["ordering.order.placed.v1", "ordering.order.paid.v1"]
CANCELLED = ["ordering.order.placed.v1", "ordering.order.cancelled.v1"]
SHIPPED = [*PAID, "ordering.order.shipped.v1"]


# By an exception


def test_a_command_cut_at_any_step_takes_effect_once(
    service: Container[Any], steps: Steps, reconciliation: Reconciliation
) -> None:
    """F01, F02, F13: creating, then changing, each repeated until it is answered."""
    placing, paying = a_context(), a_context()

    def place(order_id: str) -> Order:
        placed = an_order()
        placed.id = order_id
        return placed

    def place_and_pay() -> None:
        create(service.repository(Order), placing, place)
        change(
            service.repository(Order),
            placing.command_id,
            paying,
            lambda stored: stored.pay("payment-1", at=NOON),
        )

    for step in range(1, MOST_STEPS):
        cut = steps(step)
        with suppress(CutOff):
            placing, paying = a_context(), a_context()
            place_and_pay()
        reached = cut.reached
        steps(0)  # nothing is cut any more
        place_and_pay()
        reconciliation.end_step(placing.command_id)
        if not reached:
            break
    assert step > 5, "the steps of a command are not counted any more"
    assert reconciliation.event_types() == [PAID] * step


def test_a_relay_cut_at_any_step_loses_nothing(
    service: Container[Any], steps: Steps, reconciliation: Reconciliation
) -> None:
    """F22, F23, F24."""
    for step in range(1, MOST_STEPS):
        order = a_shipped_order()
        service.repository(Order).add(order, a_context())
        cut = steps(step)
        with suppress(CutOff):
            service.relay.relay({"orders": [order.id]}, time.monotonic() + 20)
        reached = cut.reached
        steps(0)
        service.bus.close()  # what was cut inside the broker's protocol cannot be used again
        reconciliation.end_step(order.id)
        if not reached:
            break
    assert step > 9, "the steps of the relay are not counted any more"
    assert reconciliation.event_types() == [SHIPPED] * step


def test_consuming_cut_at_any_step_takes_effect_once(
    service: Container[Any], steps: Steps, reconciliation: Reconciliation
) -> None:
    """F41, F42: one that takes effect, one that is held back, one that is parked."""
    broker = Broker(service)
    for step in range(1, MOST_STEPS):
        order = an_order()
        service.repository(Order).add(order, a_context())
        batch = [
            Delivery(body=json.dumps(payment_captured(order.id)).encode(), message_id="good"),
            Delivery(
                body=json.dumps(parcel_dispatched("no-such-order")).encode(), message_id="early"
            ),
            Delivery(body=b"poison", message_id="poison"),
        ]
        cut = steps(step)
        with suppress(CutOff, InfrastructureError):
            functions.inbox().settle(batch, time.monotonic() + 20)
        reached = cut.reached
        steps(0)
        service.bus.close()
        functions.inbox().settle(batch, time.monotonic() + 20)  # the whole batch comes again
        reconciliation.end_step(order.id)
        assert {body for _, body in broker.parked()} == {b"poison"}
        if not reached:
            break
    assert step > 7, "the steps of consuming are not counted any more"
    assert reconciliation.event_types() == [PAID] * step


# By kill -9


def test_the_bridge_killed_at_any_step_loses_nothing(
    service: Container[Any], environment: Mapping[str, str], reconciliation: Reconciliation
) -> None:
    order = an_order()

    def another() -> list[str]:
        nonlocal order
        order = a_shipped_order()
        service.repository(Order).add(order, a_context())
        return ["orders", order.id]

    steps = 0
    for steps in killed_at_every_step("bridge", another, environment):  # noqa: B007 - the last
        reconciliation.end_step(order.id)
    assert steps > 10, "the steps of the bridge are not counted any more"
    assert reconciliation.event_types() == [SHIPPED] * steps


def test_consume_killed_at_any_step_takes_effect_once(
    service: Container[Any], environment: Mapping[str, str], reconciliation: Reconciliation
) -> None:
    broker = Broker(service)
    batch: list[str] = []
    order = an_order()

    def another() -> list[str]:
        nonlocal order
        order = an_order()
        service.repository(Order).add(order, a_context())
        batch[:] = [json.dumps(payment_captured(order.id)), "poison"]
        return batch

    steps = 0
    for steps in killed_at_every_step("consume", another, environment):  # noqa: B007 - the last
        again = [Delivery(body=each.encode()) for each in batch]
        functions.inbox().settle(again, time.monotonic() + 20)
        reconciliation.end_step(order.id)
        assert service.repository(Order).get(order.id).status is OrderStatus.PAID
        assert service.repository(Order).get(order.id).version == 2
        assert {body for _, body in broker.parked()} == {b"poison"}
    assert steps > 7, "the steps of consume are not counted any more"
    assert reconciliation.event_types() == [PAID] * steps


def test_execute_killed_at_any_step_takes_effect_once(
    service: Container[Any], environment: Mapping[str, str], reconciliation: Reconciliation
) -> None:
    order = an_order("maria")
    command = ""

    def another() -> list[str]:
        nonlocal order, command
        order = an_order("maria")
        service.repository(Order).add(order, a_context())
        data = {"id": order.id, "reason": "changed my mind"}
        caller = {"subject": "maria", "scopes": ["orders:write"]}
        sent = {"id": order.id, "command": "ordering.cancel_order", **caller, "data": data}
        command = json.dumps(sent)
        return [command]

    steps = 0
    for steps in killed_at_every_step("execute", another, environment):  # noqa: B007 - the last
        again = QueuedMessage(id="m", receipt="r", queue="q", body=command, failures=1)
        assert functions.queued_commands().settle([again], time.monotonic() + 20) == []
        reconciliation.end_step(order.id)
    assert steps > 3, "the steps of execute are not counted any more"
    assert reconciliation.event_types() == [CANCELLED] * steps
