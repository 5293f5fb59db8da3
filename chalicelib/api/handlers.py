"""Which handler handles what, each with the ports it needs."""

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from chalicelib.contracts.base import Command, CommandResult, Query
from chalicelib.contracts.envelope import Caller, CommandContext
from chalicelib.contracts.integration_events import IntegrationEvent
from chalicelib.contracts.subscribed_events import SUBSCRIBED
from chalicelib.infrastructure.bootstrap import Container, container, renew
from chalicelib.infrastructure.cqrs.mediator import Mediator
from chalicelib.infrastructure.errors import StoreLoginRefused

log = logging.getLogger(__name__)

R = TypeVar("R")


@functools.lru_cache(maxsize=1)
def mediator_of(service: Container) -> Mediator:
    """Return the mediator of a wired service.

    Raises:
        ValueError: an event that is subscribed to has no handler, or two commands one name.
    """
    # Here, and not above: bridge, sweep and authorizer handle no messages, and need none of it.
    from .wiring import COMMANDS, QUERIES, REACTIONS, wired

    events = wired(REACTIONS, service)
    unhandled = {each.wire_type for each in set(SUBSCRIBED) ^ set(events)}
    if unhandled:
        raise ValueError(f"subscribed to without a handler, or the reverse: {sorted(unhandled)}")
    return Mediator(wired(COMMANDS, service), wired(QUERIES, service), events)


def with_current_login(work: Callable[[], R]) -> R:
    """Do some work; once more on newly read secrets if the store refuses the login.

    The password may have been changed while this process was warm. A message is handled again
    with the id it had, so that it takes effect once.

    Raises:
        StoreLoginRefused: the secret still holds what the store refuses.
    """
    try:
        return work()
    except StoreLoginRefused:
        if not renew():
            raise
        log.warning("the store refused the login, the secrets were read again")
    return work()


class CurrentMediator:
    """The mediator of the service as it is wired now; wired anew when a login is refused."""

    def send(self, command: Command, context: CommandContext) -> CommandResult:
        """Handle a command, as `Mediator.send`."""
        return with_current_login(lambda: mediator_of(container()).send(command, context))

    def react(self, event: IntegrationEvent, context: CommandContext) -> CommandResult:
        """Handle an event of another service, as `Mediator.react`."""
        return with_current_login(lambda: mediator_of(container()).react(event, context))

    def ask(self, query: Query, caller: Caller) -> Any:  # noqa: ANN401 - the query's own view
        """Answer a query, as `Mediator.ask`."""
        return with_current_login(lambda: mediator_of(container()).ask(query, caller))

    def command_named(self, wire_name: str) -> type[Command] | None:
        """Return the command of a wire name, as `Mediator.command_named`."""
        return mediator_of(container()).command_named(wire_name)
