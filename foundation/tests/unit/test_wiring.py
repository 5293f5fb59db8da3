"""Every message has one handler; an event one in each part that follows it."""

import pytest

from carafe.api.handlers import Handlers, joined
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import ReceivedCommand
from carafe.development.diagrams.wiring import service
from carafe.domain.errors import InvalidValue, RuleBroken
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.infrastructure.cqrs.mediator import Mediator
from carafe.infrastructure.errors import DocumentTooNew, StoreUnavailable
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


class BringBack(ReceivedCommand, frozen=True):
    """A command of another service."""

    wire_type = "library.loan.bring_back.v1"
    sender = "reminders"


class LetterToSend(OutgoingCommand, frozen=True):
    """A command to another service."""

    wire_type = "post.letter.send.v1"


DONE = CommandResult(id="loan-1", version=2)


def _done(_message: object, _context: object) -> CommandResult:
    return DONE


def test_the_tables_of_all_parts_become_one() -> None:
    assert joined([{RenewLoan: _done}, {}, {BringBack: repr}]) == {
        RenewLoan: _done,
        BringBack: repr,
    }


@pytest.mark.parametrize("contract", [RenewLoan, BringBack])
def test_a_command_with_two_handlers_is_refused(contract: type) -> None:
    with pytest.raises(ValueError, match=rf"handled twice: \['{contract.__name__}'\]"):
        joined([{contract: _done}, {contract: _done}])


class Refusing:
    """A part of a service that notes each event, and fails.

    Args:
        failure: what it raises; None to succeed.
    """

    def __init__(self, failure: Exception | None = None) -> None:
        self.events: list[IntegrationEvent] = []
        self._failure = failure

    def __call__(self, event: IntegrationEvent, _: CommandContext) -> CommandResult:
        """Handle an event."""
        self.events.append(event)
        if self._failure is not None:
            raise self._failure
        return DONE


def _send(*parts: Refusing) -> CommandResult:
    table = joined([{StormForecast: each} for each in parts])
    result: CommandResult = table[StormForecast](StormForecast(), a_context())
    return result


def test_an_event_comes_to_every_part_that_follows_it() -> None:
    parts = [Refusing(), Refusing()]
    assert _send(*parts) is DONE
    assert [each.events for each in parts] == [[StormForecast()]] * 2


TOO_EARLY, HOPELESS = RuleBroken("Too early."), InvalidValue("place", "is unknown")
TOO_NEW = DocumentTooNew("Deploy the newer code everywhere.")


@pytest.mark.parametrize(
    ("failures", "raised"),
    [
        ([TOO_EARLY, None], TOO_EARLY),
        ([None, TOO_EARLY], TOO_EARLY),
        ([HOPELESS, TOO_EARLY], TOO_EARLY),
        ([TOO_EARLY, HOPELESS], TOO_EARLY),
        ([HOPELESS, HOPELESS], HOPELESS),
        ([TOO_EARLY, TOO_NEW], TOO_NEW),
        ([HOPELESS, TOO_EARLY, TOO_NEW], TOO_NEW),
        ([KeyError("a mistake"), TOO_EARLY], KeyError),
    ],
)
def test_a_part_that_fails_keeps_no_event_from_another(
    failures: list[Exception | None], raised: Exception | type[Exception]
) -> None:
    parts = [Refusing(each) for each in failures]
    with pytest.raises(raised if isinstance(raised, type) else type(raised)):
        _send(*parts)
    assert [each.events for each in parts] == [[StormForecast()]] * len(parts)


def test_without_a_store_no_further_part_is_tried() -> None:
    second = Refusing()
    with pytest.raises(StoreUnavailable):
        _send(Refusing(StoreUnavailable("The store does not answer.")), second)
    assert not second.events


def test_a_command_to_the_service_itself_needs_a_handler() -> None:
    with pytest.raises(ValueError, match=r"sent to the service itself, .*RenewLoan"):
        Handlers().table([], sent=[RenewLoan])
    handlers = Handlers(commands=[{RenewLoan: _done}])
    assert handlers.table([], sent=[RenewLoan, LetterToSend]) == {RenewLoan: _done}


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
