"""The rehearsal of a service without its own: a command made from its examples, and its event."""

import functools
from typing import Any

from carafe.api.endpoints import Operation
from carafe.development.demo import creating_operations
from carafe.development.examples import NoExample, example_of
from carafe.development.lambda_events import Caller, amazon_mq_event, queue_event, request_event
from carafe.development.project import Project
from carafe.infrastructure.identifiers import new_id

from .errors import RehearsalFailed
from .rehearsal import API, Rehearsal, require

REFUSED = range(400, 500)
"""The statuses of answers to requests that the service understands, and does not accept."""


class ExampleRehearsal(Rehearsal):
    """Sends the first command that creates an aggregate, and is not refused, again and again."""

    def play(self) -> None:
        """Create an aggregate, relay its event, and call the other functions with empty events."""
        self.refuse_a_token()
        identifier = self.create(self._accepted_key())
        self.pump("bridge")
        require(bool(self.bus.received()[identifier]), "the first event did not reach the bus")
        self.sweep()
        self.invoke("consume", amazon_mq_event("inbox", "/", []))
        self.invoke("execute", queue_event("", []))

    def creation(self, key: str) -> dict[str, Any]:
        """Return the event of the request, as `Rehearsal.creation`."""
        creating = self._creating[0]
        caller = Caller("maria", creating.message.scope or "")
        if key not in self._bodies:
            self._bodies[key] = example_of(creating.message)  # what is unique is new in each
        body = self._bodies[key]
        return request_event(creating.method, creating.path, body, caller=caller, key=key)

    def _accepted_key(self) -> str:
        """Return a new Idempotency-Key, with which the service does not refuse the request.

        One that is refused, since it requires another aggregate, makes way for the next one.
        """
        while len(self._creating) > 1:
            key = new_id()
            if self.invoke(API, self.creation(key))["statusCode"] not in REFUSED:
                del self._creating[1:]
                return key
            del self._creating[0]
        return new_id()

    @functools.cached_property
    def _creating(self) -> list[Operation]:
        """The operations that may be sent, the first of which is."""
        return possible_creations(self.project)

    @functools.cached_property
    def _bodies(self) -> dict[str, Any]:
        """The bodies by Idempotency-Key."""
        return {}


def possible_creations(project: Project) -> list[Operation]:
    """Return the operations of a service that create an aggregate, and whose fields have examples.

    Raises:
        RehearsalFailed: there is none.
    """
    creating = creating_operations(project.functions.operations)
    if not creating:
        raise RehearsalFailed("no command creates an aggregate yet: add one with `carafe scaffold`")
    found, reasons = [], []
    for each in creating:
        try:
            example_of(each.message)
        except NoExample as error:
            reasons.append(error)
        else:
            found.append(each)
    if not found:
        raise RehearsalFailed(
            f"{reasons[0]}: add examples to its fields, or write local/rehearsal.py"
        )
    return found
