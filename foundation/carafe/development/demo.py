"""The first event of a service: by its own demo, or by a command made from its examples."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from carafe.api.endpoints import Operation
from carafe.infrastructure.event_bus.port import EventBus

from .examples import NoExample, example_of
from .first_event import Api, CommandRefused, FirstEvent, OwnDemoNeeded, Place, event_of
from .project import Project

OPEN_PATH = "/health"
"""Read without a token."""

OWN_DEMO = "write a demo for the service in local/demo.py"


class Demo(Protocol):
    """Causes a first event; a service may define its own in `local/demo.py`, as `DEMO`."""

    @property
    def usual_scopes(self) -> str:
        """The scopes of a token by default."""

    @property
    def example_path(self) -> str:
        """A path that a caller with these scopes may read."""

    def cause_first_event(
        self, place: Place, bus: EventBus, say: Callable[[str], None]
    ) -> FirstEvent | None:
        """Send a command, and wait for its event on the bus.

        Args:
            place: the running service.
            bus: where the event arrives.
            say: called with a message for each step.

        Returns:
            The event; None if the service has no such command yet.

        Raises:
            DemoFailed: an answer or the event is wrong, or came too late.
            TokenNotIssued: the issuer gave no token.
        """


def demo_of(project: Project) -> Demo:
    """Return a service's own demo, or else one made from its examples."""
    return project.local("demo", "DEMO") or ExampleDemo(project)


class ExampleDemo:
    """Sends the first command that creates an aggregate, with the values of its examples.

    One that is refused, since it requires another aggregate, makes way for the next one.

    Args:
        project: the service.
    """

    def __init__(self, project: Project) -> None:
        self._operations = project.functions.operations
        self.usual_scopes = " ".join(sorted(project.service.scopes))

    @property
    def example_path(self) -> str:
        """A path that a caller with the usual scopes may read."""
        return next(
            (each.path for each in self._operations if each.is_query and _is_bare(each)), OPEN_PATH
        )

    def cause_first_event(
        self, place: Place, bus: EventBus, say: Callable[[str], None]
    ) -> FirstEvent | None:
        """Send the command, and wait for its event, as `Demo.cause_first_event`.

        Raises:
            OwnDemoNeeded: the examples make no command that the service accepts.
        """
        creating = creating_operations(self._operations)
        if not creating:
            say("no command creates an aggregate yet: add one with `carafe scaffold`")
            return None
        with bus.subscribe(["#"]) as subscription:
            command, identifier, began = _create_one(creating, place)
            say(f"sent {command}, which created {identifier}")
            event, _ = event_of(identifier, subscription)
        return FirstEvent(event, (time.monotonic() - began) * 1000)


def creating_operations(operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations that create an aggregate from their body alone.

    One with path parameters needs an aggregate that exists already.
    """
    return [each for each in operations if each.creates and _is_plain(each)]


def _is_plain(operation: Operation) -> bool:
    return not operation.path_parameters


def _is_bare(operation: Operation) -> bool:
    """Return whether its path alone is a request."""
    is_required = (each.required for each in msgspec.structs.fields(operation.message))
    return _is_plain(operation) and not any(is_required)


def _create_one(creating: Iterable[Operation], place: Place) -> tuple[str, str, float]:
    """Create an aggregate; return the command's name, the aggregate's id, and when it was sent.

    Args:
        creating: the operations, of which the first one that is not refused counts.
        place: the running service.

    Raises:
        OwnDemoNeeded: each has no example, or is refused; the message is about the first one.
    """
    refusals: list[OwnDemoNeeded] = []
    for each in creating:
        caller = place.sign_in("maria", each.message.scope or "")
        began = time.monotonic()
        try:
            answer = _send_example(each, place.url, caller)
        except OwnDemoNeeded as refusal:
            refusals.append(refusal)
        else:
            return each.message.__name__, str(answer["id"]), began
    raise refusals[0]


def _send_example(creating: Operation, url: str, caller: dict[str, str]) -> dict[str, Any]:
    """Send an example of a command, and return its answer.

    Raises:
        OwnDemoNeeded: there is no example, or the service rejects it.
    """
    try:
        body = example_of(creating.message)
        return Api(url).send(creating.method, creating.path, body, caller)
    except NoExample as error:
        raise OwnDemoNeeded(f"{error}: add examples to its fields, or {OWN_DEMO}") from error
    except CommandRefused as error:
        name = creating.message.__name__
        raise OwnDemoNeeded(f"the example of {name} is refused: {error}: {OWN_DEMO}") from error
