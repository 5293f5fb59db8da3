"""The functions of app.py, and what triggers each of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalice.app import Chalice

from carafe.development.event_sources import MIGRATE, inbox_triggers, queue_triggers
from carafe.development.queues import COMMAND_FUNCTION
from carafe.infrastructure.event_bus.names import inbox_queue

from .mermaid import Node

# The suffix of the queue that the repositories write to, after the service's name.
NUDGES = "-nudges"

REPOSITORIES = Node("repositories\nafter each commit", "function")
SWEEP = Node("sweep", "function", "round")


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
    if any(each.name == MIGRATE for each in app.pure_lambda_functions):
        yield Trigger((Node("an operator\ncarafe … --stage", "caller"),), MIGRATE)


def timer_nudges(app: Chalice) -> Iterator[tuple[Node, Node]]:
    """Yield who sends nudges of timers, each with the queue that takes them."""
    for each in queue_triggers(app):
        if each.function == COMMAND_FUNCTION:
            yield REPOSITORIES, _queue(each.queue)
            yield SWEEP, _queue(each.queue)


def _queue_sources(name: str) -> tuple[Node, ...]:
    return (REPOSITORIES, _queue(name)) if name.endswith(NUDGES) else (_queue(name),)


def _queue(name: str) -> Node:
    return Node(f"SQS queue\n{name}", "store", "queue")
