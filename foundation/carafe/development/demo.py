"""The first event of a service: what it does itself, or else a command made of its examples."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from carafe.api.endpoints import Operation
from carafe.infrastructure.event_bus.port import EventBus

from .examples import NoExample, example_of
from .first_event import Api, CommandRefused, FirstEvent, OwnDemoNeeded, Place, event_of
from .project import Project

OWN_DEMO = "write a demo of the service's own, in local/demo.py"


class Demo(Protocol):
    """Causes a first event; a service brings its own in `local/demo.py`, as `DEMO`."""

    @property
    def usual_scopes(self) -> str:
        """What a token allows when nothing else is asked for."""

    @property
    def example_path(self) -> str:
        """What somebody with these scopes may look at."""

    def cause_first_event(
        self, place: Place, bus: EventBus, say: Callable[[str], None]
    ) -> FirstEvent | None:
        """Send a command, and wait for its event on the bus.

        Args:
            place: where.
            bus: on which the events arrive.
            say: told each step.

        Returns:
            What happened; None if the service has no such command yet.

        Raises:
            DemoFailed: an answer or the event is not the right one, or came too late.
            TokenNotIssued: the issuer gave no token.
        """


def demo_of(project: Project) -> Demo:
    """Return a service's own demo, or the one that its examples make up."""
    return project.local("demo", "DEMO") or ExampleDemo(project)


class ExampleDemo:
    """Sends the first command that makes something, with the values of its examples.

    Args:
        project: the service.
    """

    def __init__(self, project: Project) -> None:
        self._operations = project.functions.operations
        self.usual_scopes = " ".join(sorted(project.service.scopes))

    @property
    def example_path(self) -> str:
        """What somebody with the usual scopes may look at."""
        paths = [each.path for each in self._operations if each.is_query and _is_plain(each)]
        return next(iter(paths), "/health")

    def cause_first_event(
        self, place: Place, bus: EventBus, say: Callable[[str], None]
    ) -> FirstEvent | None:
        """Send it, and wait for its event, as `Demo.cause_first_event`.

        Raises:
            OwnDemoNeeded: nothing can be made of the examples that the service takes.
        """
        creating = creating_operation(self._operations)
        if creating is None:
            say("no command makes anything yet: `carafe scaffold` writes some")
            return None
        caller = place.sign_in("maria", creating.message.scope or "")
        with bus.subscribe(["#"]) as subscription:
            began = time.monotonic()
            identifier = str(_sent(creating, place.url, caller)["id"])
            say(f"sent {creating.message.__name__}, which made {identifier}")
            event, _ = event_of(identifier, subscription)
        return FirstEvent(event, (time.monotonic() - began) * 1000)


def creating_operation(operations: Iterable[Operation]) -> Operation | None:
    """Return the first operation that makes something out of nothing but its body; None if none.

    One whose path has parameters needs something that is there already.
    """
    return next((each for each in operations if each.creates and _is_plain(each)), None)


def _is_plain(operation: Operation) -> bool:
    return not operation.path_parameters


def _sent(creating: Operation, url: str, caller: dict[str, str]) -> dict[str, Any]:
    """Send an example of a command, and return its answer.

    Raises:
        OwnDemoNeeded: there is no example, or the service refuses it.
    """
    try:
        body = example_of(creating.message)
        return Api(url).send(creating.method, creating.path, body, caller)
    except NoExample as error:
        raise OwnDemoNeeded(f"{error}: give its fields examples, or {OWN_DEMO}") from error
    except CommandRefused as error:
        name = creating.message.__name__
        raise OwnDemoNeeded(f"the example of {name} is refused: {error}: {OWN_DEMO}") from error
