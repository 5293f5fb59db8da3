"""Customers who order, change their minds, and pay; each repeats until it has an answer."""

import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pika

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import DomainError
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.errors import BusUnavailable, InfrastructureError
from carafe.infrastructure.event_bus.connections import BROKER_ERRORS, connect, parameters_of
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from chalicelib.domain.order import Order
from tests.support.inbound import payment_captured
from tests.support.orders import a_line

PAUSE_SECONDS = 0.02
ODDS_OF_A_NEW_ORDER = 0.4
ODDS_OF_A_PAYMENT = 0.5
MOST_COPIES = 3


@dataclass
class Replies:
    """What the customers were told.

    Attributes:
        answers: the result of each command that was answered, by command id.
        captured: ids of the orders whose payment was announced, and that for certain.
        refused: commands that the domain refused.
        repeats: attempts after an unknown outcome.
    """

    answers: dict[str, CommandResult] = field(default_factory=dict)
    captured: set[str] = field(default_factory=set)
    refused: int = 0
    repeats: int = 0


class Customer:
    """One of several at once.

    Args:
        container: the service.
        replies: what all customers are told.
        seed: of its choices.
    """

    def __init__(self, container: Container[Any], replies: Replies, seed: int) -> None:
        self._container = container
        self._replies = replies
        self._choices = random.Random(seed)  # noqa: S311 - a repeatable one
        self._orders: list[str] = []

    def run(self, stopping: threading.Event) -> None:
        """Go on until told to stop; what is under way gets its answer first."""
        while not stopping.is_set():
            if not self._orders or self._choices.random() < ODDS_OF_A_NEW_ORDER:
                self._order()
            else:
                self._move(self._choices.choice(self._orders[-20:]))
            time.sleep(PAUSE_SECONDS)

    def _order(self) -> None:
        context = a_context()
        self._insist(context, lambda: create(self._container.repository(Order), context, _placed))
        self._orders.append(context.command_id)
        if self._choices.random() < ODDS_OF_A_PAYMENT:
            self._pay(context.command_id)

    def _move(self, order_id: str) -> None:
        context = a_context()

        def apply(order: Order) -> None:
            order.change_shipping_address(an_address(street=context.command_id), at=NOON)

        self._insist(
            context, lambda: change(self._container.repository(Order), order_id, context, apply)
        )

    def _insist(self, context: CommandContext, send: Callable[[], CommandResult]) -> None:
        """Repeat a command until it is answered; the answer must then always be the same."""
        while True:
            try:
                self._replies.answers[context.command_id] = send()
            except InfrastructureError:
                self._replies.repeats += 1
                time.sleep(PAUSE_SECONDS * 10)
            except DomainError:
                self._replies.refused += 1
                return
            else:
                return

    def _pay(self, order_id: str) -> None:
        """Announce a payment, as the payment service would, one to three times."""
        event = json.dumps(payment_captured(order_id)).encode()
        copies = self._choices.randint(1, MOST_COPIES)
        while copies:
            try:
                self._announce(event)
            except (BusUnavailable, *BROKER_ERRORS):
                self._replies.repeats += 1
                time.sleep(PAUSE_SECONDS * 10)
            else:
                copies -= 1
        self._replies.captured.add(order_id)

    def _announce(self, event: bytes) -> None:
        url = self._container.settings.rabbitmq_url
        with connect(parameters_of(url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            properties = pika.BasicProperties(delivery_mode=2)  # type: ignore[no-untyped-call]
            channel.basic_publish(
                events_exchange("payments"),
                "payments.payment.captured",
                event,
                properties,
                mandatory=True,
            )


def _placed(order_id: str) -> Order:
    return Order.place(
        order_id=order_id,
        customer_id="maria",
        lines=(a_line(),),
        shipping_address=an_address(),
        at=NOON,
    )
