"""The rehearsal of a service that brings none: a command made of its examples, and its event."""

import functools
from typing import Any

from carafe.api.endpoints import Operation
from carafe.development.demo import creating_operation
from carafe.development.examples import NoExample, example_of
from carafe.development.project import Project
from carafe.infrastructure.identifiers import new_id

from .errors import RehearsalFailed
from .events import Asking, request
from .rehearsal import Rehearsal, require


class ExampleRehearsal(Rehearsal):
    """Sends the first command that makes something, again and again."""

    def play(self) -> None:
        """Make an aggregate, relay its event, and call the other functions without work."""
        self.refuse_a_token()
        made = self.create(new_id())
        self.pump("bridge")
        require(bool(self.bus.received()[made]), "the first event did not reach the bus")
        self.sweep()
        self.invoke("consume", {"rmqMessagesByQueue": {}})
        self.invoke("execute", {"Records": []})

    def creation(self, key: str) -> dict[str, Any]:
        """Return the event of the request; asked again, it is the same."""
        creating, example = first_request(self.project)
        asking = Asking("maria", creating.message.scope or "")
        body = self._bodies.setdefault(key, example)
        return request(creating.method, creating.path, body, asking=asking, key=key)

    @functools.cached_property
    def _bodies(self) -> dict[str, Any]:
        """By Idempotency-Key."""
        return {}


def first_request(project: Project) -> tuple[Operation, Any]:
    """Return the first operation of a service that makes something, and a body for it.

    Raises:
        RehearsalFailed: there is no such operation yet, or no example that fits.
    """
    creating = creating_operation(project.functions.operations)
    if creating is None:
        raise RehearsalFailed("no command makes anything yet: `carafe scaffold` writes some")
    try:
        return creating, example_of(creating.message)
    except NoExample as error:
        raise RehearsalFailed(
            f"{error}: give its fields examples, or write local/rehearsal.py"
        ) from error
