"""Every message has one handler."""

import pytest

from carafe.api.handlers import Handlers, joined
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.diagrams.wiring import service
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.infrastructure.cqrs.mediator import Mediator
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


def test_the_tables_of_all_parts_become_one() -> None:
    tables: list[dict[type, str]] = [{int: "a"}, {}, {str: "b"}]
    assert joined(tables) == {int: "a", str: "b"}


def test_a_message_with_two_handlers_is_refused() -> None:
    with pytest.raises(ValueError, match="handled twice"):
        joined([{int: str}, {int: str}])


def test_a_message_reaches_the_handler_of_its_part() -> None:
    handlers = Handlers(commands=[{RenewLoan: _done}], events=[{StormForecast: _done}])
    table = handlers.table([StormForecast])
    mediator = Mediator(lambda: table)
    for message in (RenewLoan(), StormForecast()):
        assert mediator.handle(Invocation.of(message, a_context())) is DONE
    assert mediator.command_named("loan.renew") is RenewLoan
    assert mediator.command_named("loan.end") is None


def test_two_commands_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="share a wire name"):
        Handlers(commands=[{RenewLoan: _done}, {ExtendLoan: _done}]).table([])


def test_an_event_that_is_subscribed_to_needs_a_handler() -> None:
    with pytest.raises(ValueError, match=r"weather\.storm\.forecast\.v1"):
        Handlers().table([StormForecast])


def test_a_handled_event_needs_a_subscription() -> None:
    with pytest.raises(ValueError, match=r"weather\.storm\.forecast\.v1"):
        Handlers(events=[{StormForecast: _done}]).table([])


def test_every_route_has_a_handler() -> None:
    assert {each.message for each in service().operations} <= service().handlers.keys()
