"""What a function could not finish in its remaining time is not begun, and comes again."""

import json
import time
from typing import Any

from app import functions
from carafe.api.lambda_events import deadline_of
from carafe.development.lambda_context import LambdaContext
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.queued_commands import QueuedMessage
from carafe.testing.contexts import a_context
from chalicelib.domain.order import Order, OrderStatus
from tests.support.orders import an_order


def a_queued_cancellation(order_id: str) -> QueuedMessage:
    data = {"id": order_id, "reason": "changed my mind"}
    command = {
        "id": "c-1",
        "command": "ordering.cancel_order",
        "subject": "maria",
        "scopes": ["orders:write"],
        "data": data,
    }
    return QueuedMessage(id="m-1", receipt="r", queue="q", body=json.dumps(command))


def test_a_queued_command_is_not_begun_with_too_little_time(service: Container[Any]) -> None:
    """F36: cut off in the middle, it would count as a failure of its own."""
    order = an_order("maria")
    service.repository(Order).add(order, a_context())
    message = a_queued_cancellation(order.id)
    commands = functions.queued_commands()
    assert commands.settle([message], time.monotonic() + 1.5) == ["m-1"]
    assert service.repository(Order).get(order.id).status is OrderStatus.PLACED
    assert commands.settle([message], time.monotonic() + 20) == []
    assert service.repository(Order).get(order.id).status is OrderStatus.CANCELLED


def test_work_ends_before_lambda_ends_the_function() -> None:
    """F36: time is left to answer, and to write the last log lines."""
    deadline = deadline_of(LambdaContext("sweep", 10))
    assert 8 < deadline - time.monotonic() <= 9
