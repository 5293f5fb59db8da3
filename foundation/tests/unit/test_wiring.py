"""Every message has one handler."""

from typing import Any, cast

import pytest

from carafe.api.handlers import Handlers, joined, mediator_of
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.diagrams.wiring import service
from carafe.infrastructure.container import Container
from carafe.infrastructure.service import Service
from carafe.testing.contexts import a_context


class RenewLoan(Command, frozen=True):
    """Keep something for longer."""

    wire_name = "loan.renew"
    scope = "loans:write"


class ExtendLoan(Command, frozen=True):
    """The same, by another name of the class."""

    wire_name = "loan.renew"
    scope = "loans:write"


class StormForecast(IntegrationEvent, frozen=True):
    """An event of another service."""

    wire_type = "weather.storm.forecast.v1"


DONE = CommandResult(id="loan-1", version=2)


def _done(_message: object, _context: object) -> CommandResult:
    return DONE


class _Wired:
    """A wired service, of which nothing but its declaration is asked here."""

    def __init__(self, *subscribed: type[IntegrationEvent]) -> None:
        self.service = Service(
            name="lending",
            version="1.0.0",
            settings=cast("Any", None),
            root=cast("Any", None),
            repositories={},
            published={},
            subscribed=subscribed,
        )


def _mediator(handlers: Handlers, *subscribed: type[IntegrationEvent]) -> Any:  # noqa: ANN401
    return mediator_of(cast("Container[Any]", _Wired(*subscribed)), lambda _: handlers)


def test_the_tables_of_all_parts_become_one() -> None:
    tables: list[dict[type, str]] = [{int: "a"}, {}, {str: "b"}]
    assert joined(tables) == {int: "a", str: "b"}


def test_a_message_with_two_handlers_is_refused() -> None:
    with pytest.raises(ValueError, match="handled twice"):
        joined([{int: str}, {int: str}])


def test_a_message_reaches_the_handler_of_its_part() -> None:
    mediator = _mediator(
        Handlers(commands=[{RenewLoan: _done}], events=[{StormForecast: _done}]), StormForecast
    )
    context = a_context("somebody", frozenset({"loans:write"}))
    assert mediator.send(RenewLoan(), context) is DONE
    assert mediator.react(StormForecast(), context) is DONE
    assert mediator.command_named("loan.renew") is RenewLoan


def test_two_commands_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="share a wire name"):
        _mediator(Handlers(commands=[{RenewLoan: _done}, {ExtendLoan: _done}]))


def test_an_event_that_is_subscribed_to_needs_a_handler() -> None:
    with pytest.raises(ValueError, match=r"weather\.storm\.forecast\.v1"):
        _mediator(Handlers(), StormForecast)


def test_a_handled_event_needs_a_subscription() -> None:
    with pytest.raises(ValueError, match=r"weather\.storm\.forecast\.v1"):
        _mediator(Handlers(events=[{StormForecast: _done}]))


def test_every_route_has_a_handler() -> None:
    assert {each.message for each in service().operations} <= service().handlers.keys()
