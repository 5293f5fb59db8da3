"""The rehearsal of a service that brings none: a command made of its examples, and its event."""

import functools
from typing import Any

from carafe.api.endpoints import CREATED, Operation
from carafe.development.demo import example_of
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
        creating = creating_operation(self.project)
        asking = Asking("maria", creating.message.scope or "")
        body = self._bodies.setdefault(key, example_of(creating.message))
        return request(creating.method, creating.path, body, asking=asking, key=key)

    @functools.cached_property
    def _bodies(self) -> dict[str, Any]:
        """By Idempotency-Key."""
        return {}


def creating_operation(project: Project) -> Operation:
    """Return the first operation of a service that makes something.

    Raises:
        RehearsalFailed: it has none yet, so that there is nothing to play.
    """
    for each in project.functions.operations:
        if each.status == CREATED:
            return each
    raise RehearsalFailed("no command makes anything yet: `carafe scaffold` writes some")
