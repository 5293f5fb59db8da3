"""What a call follows from is known while a message is handled, and no longer."""

from collections.abc import Callable
from typing import Any

import pytest

from carafe.contracts.base import CommandResult
from carafe.contracts.correlation import correlation_headers, following
from carafe.contracts.envelope import CommandContext
from carafe.infrastructure.cqrs.mediator import Mediator
from chalicelib.contracts.commands import DeliverOrder
from chalicelib.contracts.integration_events import OrderDeliveredV1
from tests.support.examples import a_context


def test_it_holds_within_its_block_and_may_be_nested() -> None:
    assert correlation_headers() == {}
    with following("outer", "00-trace"):
        with following("inner"):
            assert correlation_headers() == {"X-Correlation-Id": "inner"}
        assert correlation_headers() == {"X-Correlation-Id": "outer", "traceparent": "00-trace"}
    assert correlation_headers() == {}


@pytest.mark.parametrize("value", ["", "line\r\nX-Injected: yes", "ü", "x" * 257])
def test_what_no_header_can_carry_is_left_out(value: str) -> None:
    with following(value, value):
        assert correlation_headers() == {}


@pytest.mark.parametrize(
    "handle",
    [
        lambda mediator, context: mediator.send(DeliverOrder(id="o"), context),
        lambda mediator, context: mediator.react(OrderDeliveredV1(order_id="o"), context),
    ],
)
def test_handlers_call_others_in_the_name_of_what_they_handle(
    handle: Callable[[Mediator, CommandContext], object],
) -> None:
    sent: list[dict[str, str]] = []

    def handler(_message: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401
        sent.append(correlation_headers())
        return CommandResult(id=context.command_id, version=1)

    mediator = Mediator({DeliverOrder: handler}, {}, {OrderDeliveredV1: handler})
    context = a_context()
    handle(mediator, context)
    assert sent == [{"X-Correlation-Id": context.correlation_id}]
    assert correlation_headers() == {}
