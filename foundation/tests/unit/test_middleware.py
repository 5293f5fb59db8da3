"""What surrounds every handler."""

from typing import Any, cast

import pytest

from carafe.contracts.base import Command
from carafe.contracts.envelope import Caller
from carafe.contracts.integration_events import IntegrationEvent
from carafe.infrastructure.cqrs.invocation import Contents, Handle, Invocation
from carafe.infrastructure.cqrs.mediator import Mediator
from carafe.infrastructure.cqrs.middleware.renewal import renewal
from carafe.infrastructure.cqrs.middleware.scope import ScopeMissing, scope
from carafe.infrastructure.errors import StoreLoginRefused
from carafe.infrastructure.service import Service
from carafe.testing.contexts import a_context


class RenewLoan(Command, frozen=True):
    """Keep something for longer."""

    wire_name = "loan.renew"
    scope = "loans:write"


class Message:
    """A message on its way, which counts how often it is read."""

    def __init__(self) -> None:
        self.readings = 0

    def read(self) -> Contents:
        self.readings += 1
        return RenewLoan(), a_context()


def _invocation(message: Message, *scopes: str) -> Invocation:
    return Invocation(RenewLoan, Caller("maria", frozenset(scopes)), message.read)


def test_a_caller_without_the_scope_is_refused_before_its_message_is_read() -> None:
    message = Message()
    mediator = Mediator(lambda: {RenewLoan: lambda _command, _context: "handled"}, [scope])
    with pytest.raises(ScopeMissing, match=r"^This needs the scope loans:write\.$") as refused:
        mediator.handle(_invocation(message, "loans:read"))
    assert refused.value.scope == "loans:write"
    assert message.readings == 0
    assert mediator.handle(_invocation(message, "loans:write")) == "handled"


def test_a_command_that_names_no_scope_is_handled_for_nobody() -> None:
    class RenewSilently(Command, frozen=True):
        """Its author forgot the scope."""

        wire_name = "loan.renew_silently"

    mediator = Mediator(lambda: {RenewSilently: lambda _command, _context: "handled"}, [scope])
    with pytest.raises(AttributeError, match="scope"):
        mediator.handle(Invocation.of(RenewSilently(), a_context()))


def test_an_event_may_have_a_field_called_scope() -> None:
    class AccessGranted(IntegrationEvent, frozen=True):
        """Somebody may do something elsewhere."""

        wire_type = "access.grant.given.v1"

        scope: str

    mediator = Mediator(lambda: {AccessGranted: lambda _event, _context: "handled"}, [scope])
    assert mediator.handle(Invocation.of(AccessGranted(scope="x"), a_context())) == "handled"


def test_a_message_that_is_handled_again_keeps_its_ids() -> None:
    """A login was refused: what had no effect is repeated as the same command."""
    contexts: list[object] = []

    def handle(_command: object, context: object) -> str:
        contexts.append(context)
        if len(contexts) == 1:
            raise StoreLoginRefused("The database refuses our login.")
        return "handled"

    message = Message()
    mediator = Mediator(lambda: {RenewLoan: handle}, [renewal(cast("Service[Any]", _Renewing()))])
    assert mediator.handle(_invocation(message)) == "handled"
    assert message.readings == 1
    assert contexts[0] is contexts[1]


class _Renewing:
    """A service whose login is renewed at once."""

    def run(self, work: Any) -> Any:  # noqa: ANN401 - as the service's
        try:
            return work(None)
        except StoreLoginRefused:
            return work(None)


def test_middlewares_surround_the_handler_in_their_order() -> None:
    steps: list[str] = []

    def noting(name: str) -> Any:  # noqa: ANN401 - a middleware
        def around(handle: Handle) -> Handle:
            def noted(invocation: Invocation) -> object:
                steps.append(name)
                return handle(invocation)

            return noted

        return around

    def handle(_command: object, _context: object) -> None:
        steps.append("handler")

    mediator = Mediator(lambda: {RenewLoan: handle}, [noting("outer"), noting("inner")])
    mediator.handle(Invocation.of(RenewLoan(), a_context()))
    assert steps == ["outer", "inner", "handler"]
