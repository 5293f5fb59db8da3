"""The functions of app.py, and what triggers each of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalice.app import Chalice

from carafe.development.event_sources import inbox_triggers, queue_triggers
from carafe.infrastructure.event_bus.names import inbox_queue

from .mermaid import Node

# The suffix of the queue that the repositories write to, after the service's name.
NUDGES = "-nudges"


@dataclass(frozen=True)
class Trigger:
    """A function and what triggers it.

    Attributes:
        sources: the chain that leads to the function.
        function: its name in app.py.
    """

    sources: tuple[Node, ...]
    function: str


def triggers(app: Chalice) -> Iterator[Trigger]:
    """Yield the trigger of every function of an app; an unknown one by the name of its class."""
    yield Trigger((Node(f"API Gateway\n{len(app.routes)} paths", "caller"),), "the HTTP API")
    for handler in app.builtin_auth_handlers:
        yield Trigger((Node("API Gateway\na request's token", "caller"),), handler.name)
    queues = {each.function: each.queue for each in queue_triggers(app)}
    for source in app.event_sources:
        name = str(source.name)
        if name in queues:
            yield Trigger(_queue_sources(queues[name]), name)
        elif expression := getattr(source, "schedule_expression", None):
            yield Trigger((Node(f"schedule\n{expression}", "caller"),), name)
        else:
            trigger_name = type(source).__name__.removesuffix("Config")
            yield Trigger((Node(trigger_name, "caller"),), name)
    for trigger in inbox_triggers(app):
        queue = Node(f"RabbitMQ queue\n{inbox_queue(app.app_name)}", "store", "queue")
        yield Trigger((queue,), trigger.function)


def _queue_sources(name: str) -> tuple[Node, ...]:
    queue = Node(f"SQS queue\n{name}", "store", "queue")
    repositories = Node("repositories\nafter each commit", "function")
    return (repositories, queue) if name.endswith(NUDGES) else (queue,)
