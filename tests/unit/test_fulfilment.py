"""How a fulfilment goes on: given these events, when, after so long, then these commands."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from carafe.contracts.values import Money
from carafe.domain.errors import RuleBroken
from carafe.domain.model import Clock
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.database.repository import Repository
from carafe.testing.conversation import Conversation, Table
from carafe.testing.messages import a_message

from chalicelib.api.fulfilments.events import FulfilmentEvents
from chalicelib.api.fulfilments.timers import FulfilmentTimers
from chalicelib.contracts.integration_events import (
    OrderCancelledV1,
    OrderDeliveredV1,
    OrderPaidV1,
    OrderShippedV1,
)
from chalicelib.contracts.subscribed_events import ParcelRecalledV1
from chalicelib.domain.fulfilment import (
    NOT_IN_TIME,
    DispatchParcel,
    Fulfilment,
    GiveUpOrder,
    RecallParcel,
)
from chalicelib.infrastructure.bootstrap import service
from tests.support.fulfilments import WEEK

ID = "order-1"
PAID = OrderPaidV1(order_id=ID, payment_reference="p-1", total=Money(amount="1", currency="EUR"))
SHIPPED = OrderShippedV1(order_id=ID, carrier="DHL", tracking_code="JD01")
DELIVERED = OrderDeliveredV1(order_id=ID)
CANCELLED = OrderCancelledV1(order_id=ID, reason="mistaken", payment_reference="p-1")
RECALLED = a_message(ParcelRecalledV1, order_id=ID)

DISPATCH, RECALL = DispatchParcel(order_id=ID), RecallParcel(order_id=ID)


def handlers(fulfilments: Repository[Fulfilment], clock: Clock) -> Sequence[Table]:
    events = FulfilmentEvents(fulfilments, clock, WEEK.total_seconds())
    return [events.handlers(), FulfilmentTimers(fulfilments, clock).handlers()]


@pytest.fixture
def talk() -> Conversation:
    return Conversation(service, Fulfilment, handlers=handlers)


def status(talk: Conversation) -> ProcessStatus:
    return talk.only(Fulfilment).status


def give_up(reason: str) -> GiveUpOrder:
    return GiveUpOrder(id=ID, reason=reason)


def test_the_parcel_of_a_paid_order_is_asked_for(talk: Conversation) -> None:
    talk.when(PAID).then(DISPATCH)


def test_an_order_that_is_delivered_is_fulfilled(talk: Conversation) -> None:
    talk.given(PAID).when(SHIPPED, DELIVERED).then()
    assert status(talk) is ProcessStatus.COMPLETED
    talk.after(2 * WEEK).then()


def test_a_parcel_with_the_carrier_may_take_as_long_as_it_needs(talk: Conversation) -> None:
    talk.given(PAID, SHIPPED).after(10 * WEEK).then()
    talk.when(DELIVERED)
    assert status(talk) is ProcessStatus.COMPLETED


def test_a_delivery_before_its_shipment_comes_again(talk: Conversation) -> None:
    with pytest.raises(RuleBroken, match="has not begun"):
        talk.given(PAID).when(DELIVERED)


def test_after_a_week_the_order_is_to_be_given_up(talk: Conversation) -> None:
    talk.given(PAID).after(WEEK - timedelta(seconds=1)).then()
    talk.after(timedelta(seconds=1)).then(give_up(NOT_IN_TIME))


def test_no_parcel_is_recalled_before_the_order_is_cancelled(talk: Conversation) -> None:
    talk.given(PAID).after(WEEK).then(give_up(NOT_IN_TIME))
    talk.when(CANCELLED).then(RECALL)
    talk.when(RECALLED)
    assert status(talk) is ProcessStatus.UNDONE


def test_an_order_that_says_nothing_is_asked_again(talk: Conversation) -> None:
    talk.given(PAID).after(WEEK + timedelta(days=1))
    talk.then(give_up(NOT_IN_TIME), give_up(NOT_IN_TIME))


def test_an_order_that_was_shipped_at_the_last_moment_goes_on(talk: Conversation) -> None:
    talk.given(PAID).after(WEEK).then(give_up(NOT_IN_TIME))
    talk.when(SHIPPED).after(WEEK).then()
    talk.when(DELIVERED)
    assert status(talk) is ProcessStatus.COMPLETED


def test_a_refusal_gives_the_order_up_at_once(talk: Conversation) -> None:
    talk.given(PAID).refuse(DispatchParcel, "no_carrier").then(give_up("dispatch: no_carrier"))
    talk.when(CANCELLED).then()
    assert status(talk) is ProcessStatus.UNDONE


def test_a_parcel_of_an_order_that_somebody_cancels_is_recalled(talk: Conversation) -> None:
    talk.given(PAID).when(CANCELLED).then(RECALL)
    talk.when(RECALLED).then(give_up("the order was cancelled"))
    assert status(talk) is ProcessStatus.UNDONE
    talk.after(2 * WEEK).then()


def test_a_dispatch_that_is_refused_needs_no_recall(talk: Conversation) -> None:
    talk.given(PAID, CANCELLED).refuse(DispatchParcel)
    assert status(talk) is ProcessStatus.UNDONE


def test_a_recall_that_is_refused_needs_a_person(talk: Conversation) -> None:
    talk.given(PAID, CANCELLED).refuse(RecallParcel, "parcel_is_delivered").then()
    assert status(talk) is ProcessStatus.STUCK


def test_a_recall_that_nobody_answers_needs_a_person(talk: Conversation) -> None:
    talk.given(PAID, CANCELLED).after(timedelta(days=1)).then()
    assert status(talk) is ProcessStatus.STUCK


def test_an_order_that_was_never_paid_has_no_fulfilment(talk: Conversation) -> None:
    unpaid = OrderCancelledV1(order_id=ID, reason="not paid in time", payment_reference=None)
    talk.when(unpaid).then()
