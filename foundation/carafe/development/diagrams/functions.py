"""The functions of app.py, and what calls each."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalice.app import Chalice

from carafe.development.event_sources import inbox_triggers, queue_triggers
from carafe.infrastructure.event_bus.names import inbox

from .mermaid import Node

# How the queue that the repositories write to is called, after the service's name.
NUDGES = "-nudges"


@dataclass(frozen=True)
class Trigger:
    """A function and the way to it.

    Attributes:
        sources: what calls it, and what stands in front of that.
        function: its name in app.py.
    """

    sources: tuple[Node, ...]
    function: str


def triggers(app: Chalice) -> Iterator[Trigger]:
    """Yield every function of an app; what is not known is named by its class."""
    yield Trigger((Node(f"API Gateway\n{len(app.routes)} paths", "caller"),), "the HTTP API")
    for handler in app.builtin_auth_handlers:
        yield Trigger((Node("API Gateway\na request's token", "caller"),), handler.name)
    queues = {each.function: each.queue for each in queue_triggers(app)}
    for source in app.event_sources:
        name = str(source.name)
        if name in queues:
            yield Trigger(_queue(queues[name]), name)
        elif expression := getattr(source, "schedule_expression", None):
            yield Trigger((Node(f"schedule\n{expression}", "caller"),), name)
        else:
            kind = type(source).__name__.removesuffix("Config")
            yield Trigger((Node(kind, "caller"),), name)
    for trigger in inbox_triggers(app):
        queue = Node(f"RabbitMQ queue\n{inbox(app.app_name)}", "store", "queue")
        yield Trigger((queue,), trigger.function)


def _queue(name: str) -> tuple[Node, ...]:
    queue = Node(f"SQS queue\n{name}", "store", "queue")
    nudging = Node("repositories\nafter each commit", "function")
    return (nudging, queue) if name.endswith(NUDGES) else (queue,)
