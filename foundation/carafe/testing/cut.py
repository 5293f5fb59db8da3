"""Kills its own process without warning at a chosen step of real work.

    python -m carafe.testing.cut bridge STEP COLLECTION ID
    python -m carafe.testing.cut consume STEP EVENT [EVENT ...]
    python -m carafe.testing.cut execute STEP COMMAND
    python -m carafe.testing.cut sweep STEP
    python -m carafe.testing.cut api STEP PORT

A step is the end of a call that leaves the process: between two of them nothing happens that
anybody else could see. If the work ends before the step is reached, it prints `completed` and exits
with 0.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from pymongo.collection import Collection

from carafe.client.transport import Transport
from carafe.development import api_server
from carafe.development.lambda_context import LambdaContext
from carafe.development.lambda_events import (
    BrokerMessage,
    amazon_mq_event,
    queue_event,
    queue_message,
    schedule_event,
)
from carafe.development.project import project
from carafe.infrastructure.aws.client import AwsClient
from carafe.infrastructure.event_bus.publisher import Publisher

P = ParamSpec("P")
R = TypeVar("R")

COMPLETED = "completed"
QUEUE_ARN = "arn:aws:sqs:us-east-1:000000000000:"

Patch = Callable[[type, str, Any], None]
"""`setattr`, or pytest's, which undoes it."""


def kill_this_process() -> None:
    """End without warning, like a machine that loses power."""
    os.kill(os.getpid(), signal.SIGKILL)


class Cut:
    """Counts steps, and ends the work at one of them.

    Args:
        step: the number of the last step, from 1.
        end: called at that step; by default it kills the process.

    Attributes:
        reached: whether that step was reached.
    """

    def __init__(self, step: int, end: Callable[[], None] = kill_this_process) -> None:
        self._remaining = step
        self._end = end
        self._lock = threading.Lock()
        self.reached = False

    def step(self) -> None:
        """Count one step, and end the work if it is the chosen one."""
        with self._lock:  # an API serves several requests at once
            self._remaining -= 1
            is_last = self._remaining == 0
        if is_last:
            self.reached = True
            self._end()

    def after(self, function: Callable[P, R]) -> Callable[P, R]:
        """Return the function with a step after it."""

        def with_step(*args: P.args, **kwargs: P.kwargs) -> R:
            result = function(*args, **kwargs)
            self.step()
            return result

        return with_step


def every_step(patch: Patch, cut: Cut) -> None:
    """Count as steps all calls of a function that leave the process.

    Reads that only count, for a report, are left out: nothing follows from them. `find_one` is a
    `find`.
    """
    for owner, names in {
        Collection: ("insert_one", "update_one", "update_many", "bulk_write", "find"),
        AwsClient: ("call",),
        Transport: ("_attempt",),
        # There is a step between sending and the confirm as well.
        Publisher: ("__init__", "_send", "_run_until"),
    }.items():
        for name in names:
            patch(owner, name, cut.after(getattr(owner, name)))


def bridge(cut: Cut, collection: str, identifier: str) -> None:
    """Call the bridge for one document, as Lambda does."""
    function = project().module("app").bridge
    every_step(setattr, cut)
    body = json.dumps({"collection": collection, "id": identifier})
    function(queue_event(f"{QUEUE_ARN}nudges", [queue_message(body)]), LambdaContext("bridge"))


def consume(cut: Cut, *events: str) -> None:
    """Call `consume` with a batch of events, as Lambda does."""
    function = project().module("app").consume
    every_step(setattr, cut)
    messages = [BrokerMessage(each.encode()) for each in events]
    function(amazon_mq_event("inbox", "/", messages), LambdaContext("consume"))


def execute(cut: Cut, command: str) -> None:
    """Call `execute` with a command or the nudge of a timer, as Lambda does."""
    function = project().module("app").execute
    every_step(setattr, cut)
    event = queue_event(f"{QUEUE_ARN}commands", [queue_message(command)])
    function(event, LambdaContext("execute"))


def sweep(cut: Cut) -> None:
    """Call `sweep`, as Lambda does."""
    function = project().module("app").sweep
    every_step(setattr, cut)
    function(schedule_event("sweep"), LambdaContext("sweep"))


def api(cut: Cut, port: str) -> None:
    """Serve the HTTP functions; `GET /health` has no step."""
    every_step(setattr, cut)
    sys.argv = ["api_server", "--port", port]
    api_server.main()


def do(work: str, step: str, *arguments: str) -> None:
    """Do a work up to the step."""
    works: dict[str, Callable[..., None]] = {
        "bridge": bridge,
        "consume": consume,
        "execute": execute,
        "sweep": sweep,
        "api": api,
    }
    works[work](Cut(int(step)), *arguments)
    sys.stdout.write(COMPLETED)


if __name__ == "__main__":
    do(*sys.argv[1:])
