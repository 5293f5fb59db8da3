"""Kills its own process, without warning, at a chosen step of real work.

    python -m carafe.testing.cut bridge STEP COLLECTION ID
    python -m carafe.testing.cut consume STEP EVENT [EVENT ...]
    python -m carafe.testing.cut execute STEP COMMAND
    python -m carafe.testing.cut api STEP PORT

Steps are counted at the borders of I/O: before and after each call that leaves the process.
When the work ends before the step is reached, it says so and exits with 0.
"""

import base64
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from pymongo.collection import Collection

from carafe.development import api_server
from carafe.development.project import project
from carafe.development.pump import LocalContext
from carafe.infrastructure.event_bus.publisher import Publisher
from carafe.infrastructure.outbox.nudges import SqsNudges

P = ParamSpec("P")
R = TypeVar("R")

COMPLETED = "completed"

Patch = Callable[[type, str, Any], None]
"""As `setattr`, or as pytest's, which undoes it."""


def kill_this_process() -> None:
    """End without any warning, as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


class Cut:
    """Counts steps, and ends the work at one of them.

    Args:
        step: the number of the last step, from 1.
        end: how it ends; by default with the process.

    Attributes:
        reached: the last step was taken.
    """

    def __init__(self, step: int, end: Callable[[], None] = kill_this_process) -> None:
        self._left = step
        self._end = end
        self.reached = False

    def step(self) -> None:
        """Take one step, which may be the last."""
        self._left -= 1
        if self._left == 0:
            self.reached = True
            self._end()

    def around(self, function: Callable[P, R]) -> Callable[P, R]:
        """Return the function with a step before and one after it."""

        def stepping(*args: P.args, **kwargs: P.kwargs) -> R:
            self.step()
            result = function(*args, **kwargs)
            self.step()
            return result

        return stepping


def every_step(patch: Patch, cut: Cut) -> None:
    """Make a step of everything that leaves the process in relay, consume and command."""
    for owner, names in {
        Collection: ("insert_one", "update_one", "find_one", "bulk_write", "find"),
        SqsNudges: ("__call__",),
        # Between sending and the confirm lies a step as well.
        Publisher: ("__init__", "_send", "_run_until"),
    }.items():
        for name in names:
            patch(owner, name, cut.around(getattr(owner, name)))


def bridge(cut: Cut, collection: str, identifier: str) -> None:
    """Call the bridge for one document, as Lambda does."""
    function = project().module("app").bridge
    every_step(setattr, cut)
    body = json.dumps({"collection": collection, "id": identifier})
    event: dict[str, Any] = {"Records": [{"messageId": "m-0", "body": body, "receiptHandle": "r"}]}
    function(event, LocalContext("bridge"))


def consume(cut: Cut, *events: str) -> None:
    """Hand events to `consume`, as Lambda does with a batch of the inbox."""
    function = project().module("app").consume
    every_step(setattr, cut)
    messages = [{"data": base64.b64encode(each.encode()).decode()} for each in events]
    function({"rmqMessagesByQueue": {"inbox::/": messages}}, LocalContext("consume"))


def execute(cut: Cut, command: str) -> None:
    """Hand a command to `execute`, as Lambda does."""
    function = project().module("app").execute
    every_step(setattr, cut)
    record = {
        "messageId": "m-0",
        "body": command,
        "receiptHandle": "r",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:commands",
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    function({"Records": [record]}, LocalContext("execute"))


def api(cut: Cut, port: str) -> None:
    """Serve the HTTP functions; what leaves the process in a command are steps."""
    # Reading is left out: the driver reads by itself, as often as it likes.
    for owner, name in ((Collection, "insert_one"), (SqsNudges, "__call__")):
        setattr(owner, name, cut.around(getattr(owner, name)))
    sys.argv = ["api_server", "--port", port]
    api_server.main()


def main() -> None:
    """Do the work, up to the step."""
    work, step, *arguments = sys.argv[1:]
    works: dict[str, Callable[..., None]] = {
        "bridge": bridge,
        "consume": consume,
        "execute": execute,
        "api": api,
    }
    works[work](Cut(int(step)), *arguments)
    sys.stdout.write(COMPLETED)


if __name__ == "__main__":
    main()
