"""Kills its own process, without warning, at a chosen step of real work.

    python -m tests.support.cut bridge STEP COLLECTION ID
    python -m tests.support.cut api STEP PORT

Steps are counted at the borders of I/O: before and after each call that leaves the process.
When the work ends before the step is reached, it says so and exits with 0.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

COMPLETED = "completed"


class Cut:
    """Counts steps, and kills the process at one of them.

    Args:
        step: the number of the last step, from 1.
    """

    def __init__(self, step: int) -> None:
        self._left = step

    def step(self) -> None:
        """Take one step, which may be the last."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[P, R]) -> Callable[P, R]:
        """Return the function with a step before and one after it."""

        def stepping(*args: P.args, **kwargs: P.kwargs) -> R:
            self.step()
            result = function(*args, **kwargs)
            self.step()
            return result

        return stepping


def patch(owner: type, name: str, cut: Cut) -> None:
    """Count the calls of a method as steps."""
    setattr(owner, name, cut.around(getattr(owner, name)))


def bridge(cut: Cut, collection: str, identifier: str) -> None:
    """Call the bridge for one document, as Lambda does."""
    from app import bridge as function  # noqa: PLC0415 - in this process alone
    from chalicelib.infrastructure.cqrs.buses.publisher import Publisher  # noqa: PLC0415
    from chalicelib.infrastructure.database.mongo.outbox_store import (  # noqa: PLC0415
        MongoOutboxStore,
    )
    from workflow.pump import LocalContext  # noqa: PLC0415

    patch(MongoOutboxStore, "pending", cut)
    patch(MongoOutboxStore, "remove", cut)
    patch(Publisher, "__init__", cut)
    patch(Publisher, "_send", cut)  # between sending and the confirm lies a step as well
    patch(Publisher, "_run_until", cut)
    body = f'{{"collection": "{collection}", "id": "{identifier}"}}'
    event: dict[str, Any] = {"Records": [{"messageId": "m-0", "body": body, "receiptHandle": "r"}]}
    function(event, LocalContext("bridge"))


def api(cut: Cut, port: str) -> None:
    """Serve the HTTP functions; what leaves the process in a command are steps."""
    from pymongo.collection import Collection  # noqa: PLC0415

    from chalicelib.infrastructure.cqrs.nudges import SqsNudges  # noqa: PLC0415
    from workflow import api_server  # noqa: PLC0415

    patch(Collection, "insert_one", cut)
    patch(SqsNudges, "__call__", cut)
    sys.argv = ["api_server", "--port", port]
    api_server.main()


def main() -> None:
    """Do the work, up to the step."""
    work, step, *arguments = sys.argv[1:]
    works: dict[str, Callable[..., None]] = {"bridge": bridge, "api": api}
    works[work](Cut(int(step)), *arguments)
    sys.stdout.write(COMPLETED)


if __name__ == "__main__":
    main()
