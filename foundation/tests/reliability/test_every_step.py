"""Every step of command, relay and consume is cut in turn; then all is reconciled.

Cut by an exception, in this process, and by kill -9 of a process of its own. Whatever was cut is
done again, as queues and callers do: nothing is lost, nothing invented, nothing done twice, and
first deliveries keep their order.
"""

import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from app import functions
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.cqrs.inbox import Delivery
from carafe.infrastructure.cqrs.queued_commands import QueuedMessage
from carafe.infrastructure.errors import InfrastructureError
from carafe.testing.arrivals import everything_on
from carafe.testing.contexts import a_context
from carafe.testing.cut import COMPLETED, Cut, every_step
from carafe.testing.examples import NOON
from carafe.testing.inbound import Broker
from carafe.testing.processes import run
from chalicelib.domain.order import Order, OrderStatus
from tests.support.inbound import parcel_dispatched, payment_captured
from tests.support.orders import a_shipped_order, an_order

KILLED = -signal.SIGKILL
MOST_STEPS = 80


class CutOff(Exception):
    """The work was cut here."""


def cut_off() -> None:
    raise CutOff


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Cut]]:
    """Return what cuts the work of this process at a step, until the next one is asked for."""

    def begin(step: int) -> Cut:
        monkeypatch.undo()
        cut = Cut(step, cut_off)
        every_step(monkeypatch.setattr, cut)
        return cut

    with monkeypatch.context() as patching:
        monkeypatch = patching
        yield begin


def reconciled(service: Container[Any], order_id: str, arrived: list[dict[str, Any]]) -> list[str]:
    """Hold what arrived against what was committed; return the kinds of the order's events."""
    document = service.database["orders"].find_one({"_id": order_id})
    mine = [each for each in arrived if each["subject"] == order_id]
    if document is None:
        assert mine == [], "a phantom"
        return []
    assert document["pending"] == [], "lost"
    first = list(dict.fromkeys(each["sequence"] for each in mine))
    assert first == list(range(1, document["sequence"] + 1)), "lost, or out of order"
    assert len({each["id"] for each in mine}) == len(first), "a repeat under another id"
    handled = [each["id"] for each in document["handled"]]
    assert len(handled) == len(set(handled)), "handled twice"
    kinds = {each["sequence"]: each["type"] for each in mine}
    return [kinds[sequence] for sequence in sorted(kinds)]


def sweep(service: Container[Any]) -> None:
    service.relay.sweep(0, time.monotonic() + 20)


# By an exception


def test_a_command_cut_at_any_step_takes_effect_once(
    service: Container[Any], steps: Callable[[int], Cut]
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
        with service.bus.subscribe(["ordering.#"]) as subscription:
            place_and_pay()
            sweep(service)
            kinds = reconciled(service, placing.command_id, everything_on(subscription))
        assert kinds == ["ordering.order.placed.v1", "ordering.order.paid.v1"]
        if not reached:
            break
    assert step > 8, "the steps of a command are not counted any more"


def test_a_relay_cut_at_any_step_loses_nothing(
    service: Container[Any], steps: Callable[[int], Cut]
) -> None:
    """F22, F23, F24."""
    for step in range(1, MOST_STEPS):
        order = a_shipped_order()
        service.repository(Order).add(order, a_context())
        with service.bus.subscribe(["ordering.#"]) as subscription:
            cut = steps(step)
            with suppress(CutOff):
                service.relay.relay({"orders": [order.id]}, time.monotonic() + 20)
            reached = cut.reached
            steps(0)
            service.bus.close()  # what was cut inside the broker's protocol cannot be used again
            sweep(service)
            assert len(reconciled(service, order.id, everything_on(subscription))) == 3
        if not reached:
            break
    assert step > 12, "the steps of the relay are not counted any more"


def test_consuming_cut_at_any_step_takes_effect_once(
    service: Container[Any], steps: Callable[[int], Cut]
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
        with service.bus.subscribe(["ordering.#"]) as subscription:
            cut = steps(step)
            with suppress(CutOff, InfrastructureError):
                functions.inbox().settle(batch, time.monotonic() + 20)
            reached = cut.reached
            steps(0)
            service.bus.close()
            functions.inbox().settle(batch, time.monotonic() + 20)  # the whole batch comes again
            sweep(service)
            kinds = reconciled(service, order.id, everything_on(subscription))
        assert kinds == ["ordering.order.placed.v1", "ordering.order.paid.v1"]
        assert {body for _, body in broker.parked()} == {b"poison"}
        if not reached:
            break
    assert step > 12, "the steps of consuming are not counted any more"


# By kill -9


def killed_at_every_step(
    work: str, arguments: Callable[[], list[str]], environment: Mapping[str, str]
) -> Iterator[int]:
    """Run some work in processes that are killed one step later each time, until one is not."""
    for step in range(1, MOST_STEPS):
        code, output = run(
            "carafe.testing.cut", work, str(step), *arguments(), environment=environment
        )
        yield step
        if code == 0:
            assert COMPLETED in output
            return
        assert code == KILLED, output
    raise AssertionError(f"{work} never ends")


def test_the_bridge_killed_at_any_step_loses_nothing(
    service: Container[Any], environment: Mapping[str, str]
) -> None:
    order = an_order()

    def another() -> list[str]:
        nonlocal order
        order = a_shipped_order()
        service.repository(Order).add(order, a_context())
        return ["orders", order.id]

    steps = 0
    with service.bus.subscribe(["ordering.#"]) as subscription:
        for steps in killed_at_every_step("bridge", another, environment):  # noqa: B007 - the last
            sweep(service)
            assert len(reconciled(service, order.id, everything_on(subscription))) == 3
    assert steps > 12, "the steps of the bridge are not counted any more"


def test_consume_killed_at_any_step_takes_effect_once(
    service: Container[Any], environment: Mapping[str, str]
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
    with service.bus.subscribe(["ordering.#"]) as subscription:
        for steps in killed_at_every_step("consume", another, environment):  # noqa: B007 - the last
            again = [Delivery(body=each.encode()) for each in batch]
            functions.inbox().settle(again, time.monotonic() + 20)
            sweep(service)
            reconciled(service, order.id, everything_on(subscription))
            assert service.repository(Order).get(order.id).status is OrderStatus.PAID
            assert service.repository(Order).get(order.id).version == 2
            assert {body for _, body in broker.parked()} == {b"poison"}
    assert steps > 12, "the steps of consume are not counted any more"


def test_execute_killed_at_any_step_takes_effect_once(
    service: Container[Any], environment: Mapping[str, str]
) -> None:
    order = an_order("maria")
    command = ""

    def another() -> list[str]:
        nonlocal order, command
        order = an_order("maria")
        service.repository(Order).add(order, a_context())
        data = {"id": order.id, "reason": "changed my mind"}
        sent = {"id": order.id, "command": "ordering.cancel_order", "subject": "maria"}
        command = json.dumps({**sent, "data": data})
        return [command]

    steps = 0
    with service.bus.subscribe(["ordering.#"]) as subscription:
        for steps in killed_at_every_step("execute", another, environment):  # noqa: B007 - the last
            again = QueuedMessage(id="m", receipt="r", queue="q", body=command, failures=1)
            assert functions.queued_commands().settle([again], time.monotonic() + 20) == []
            sweep(service)
            kinds = reconciled(service, order.id, everything_on(subscription))
            assert kinds == ["ordering.order.placed.v1", "ordering.order.cancelled.v1"]
    assert steps > 5, "the steps of execute are not counted any more"
