"""The rehearsal of a service without its own: a command made from its examples, and its event."""

import functools
from typing import Any

from carafe.api.endpoints import Operation
from carafe.development.demo import creating_operation
from carafe.development.examples import NoExample, example_of
from carafe.development.lambda_events import Caller, amazon_mq_event, queue_event, request_event
from carafe.development.project import Project
from carafe.infrastructure.identifiers import new_id

from .errors import RehearsalFailed
from .rehearsal import Rehearsal, require


class ExampleRehearsal(Rehearsal):
    """Sends the first command that creates an aggregate, again and again."""

    def play(self) -> None:
        """Create an aggregate, relay its event, and call the other functions with empty events."""
        self.refuse_a_token()
        identifier = self.create(new_id())
        self.pump("bridge")
        require(bool(self.bus.received()[identifier]), "the first event did not reach the bus")
        self.sweep()
        self.invoke("consume", amazon_mq_event("inbox", "/", []))
        self.invoke("execute", queue_event("", []))

    def creation(self, key: str) -> dict[str, Any]:
        """Return the event of the request, as `Rehearsal.creation`."""
        creating, example = first_request(self.project)
        caller = Caller("maria", creating.message.scope or "")
        body = self._bodies.setdefault(key, example)
        return request_event(creating.method, creating.path, body, caller=caller, key=key)

    @functools.cached_property
    def _bodies(self) -> dict[str, Any]:
        """The bodies by Idempotency-Key."""
        return {}


def first_request(project: Project) -> tuple[Operation, Any]:
    """Return the first operation of a service that creates an aggregate, and a body for it.

    Raises:
        RehearsalFailed: there is no such operation yet, or no example for its fields.
    """
    creating = creating_operation(project.functions.operations)
    if creating is None:
        raise RehearsalFailed("no command creates an aggregate yet: add one with `carafe scaffold`")
    try:
        return creating, example_of(creating.message)
    except NoExample as error:
        raise RehearsalFailed(
            f"{error}: add examples to its fields, or write local/rehearsal.py"
        ) from error
