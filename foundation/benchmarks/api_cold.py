"""A function's first answer in a process of its own: `python -m benchmarks.api_cold NAME`.

A deployed function imports app.py and answers; so does the bare Chalice app of `api_bare_app.py`.
The measurement begins with the import and ends with the answer.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import api_environment

HERE = Path(__file__).parents[1]

NOT_DEPLOYED = ("OpenSSL", "typing_extensions")
"""Development packages that pymongo and msgspec would use if they were deployed."""

NOT_IN_THE_BARE_APP = ("cryptography",)
"""What pymongo loads wherever it is installed, as for checking tokens."""

BARE = "bare"

Answer = dict[str, Any]


def cold_start(name: str, settings: Mapping[str, str], event: object) -> tuple[float, float]:
    """Start a process for one answer, and return processor and wall time in seconds.

    Args:
        name: one of FUNCTIONS.
        settings: the environment of the function.
        event: what it is called with.
    """
    process = subprocess.run(  # noqa: S603 - this module
        [sys.executable, "-m", "benchmarks.api_cold", name],
        cwd=HERE,
        # What is deployed is compiled; empty, this lets the first round do so here.
        env={**os.environ, **settings, "PYTHONDONTWRITEBYTECODE": ""},
        input=json.dumps(event),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    processor, wall = json.loads(process.stdout.splitlines()[-1])
    return processor, wall


def main() -> None:
    """Answer once, and print what it took."""
    name, event = sys.argv[1], json.loads(sys.stdin.read())
    start, expected = FUNCTIONS[name]
    for missing in (*NOT_DEPLOYED, *(NOT_IN_THE_BARE_APP if name.startswith(BARE) else ())):
        sys.modules[missing] = None  # type: ignore[assignment]
    wall, processor = time.perf_counter(), time.process_time()
    answer = start(event)
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    if not answer.items() >= expected.items():
        raise ValueError(answer)
    print(json.dumps([processor, wall]))  # noqa: T201 - read by the parent process


def _bare(event: dict[str, Any]) -> Answer:
    from .api_bare_app import app  # noqa: PLC0415 - this is what is measured

    answer: Answer = app(event, None)
    return answer


def _bare_with_pika(event: dict[str, Any]) -> Answer:
    import pika  # noqa: F401, PLC0415 - the same

    return _bare(event)


def _function(name: str) -> Callable[[dict[str, Any]], Answer]:
    """Return what calls one of our own functions."""

    def call(event: dict[str, Any]) -> Answer:
        os.environ["_HANDLER"] = f"app.{name}"  # as AWS Lambda says which function this is
        import app  # noqa: PLC0415 - the same

        api_environment.accept_this_machine()
        answer: Answer = getattr(app, name)(event, _Context())
        return answer

    return call


class _Context:
    """Lambda's context; the one of `carafe.development` would load more."""

    aws_request_id = "8f5e0b6c-3d7e-4b1a-9c58-0a6d2f4e7b91"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


_BATCH_SETTLED: Answer = {"batchItemFailures": []}

FUNCTIONS: Mapping[str, tuple[Callable[[dict[str, Any]], Answer], Answer]] = {
    "bare": (_bare, {"statusCode": 200}),
    "bare with pika": (_bare_with_pika, {"statusCode": 200}),
    "bare, placing": (_bare, {"statusCode": 201}),
    "read": (_function("app"), {"statusCode": 200}),
    "place": (_function("app"), {"statusCode": 201}),
    "bridge": (_function("bridge"), _BATCH_SETTLED),
    "bridge, no event": (_function("bridge"), _BATCH_SETTLED),
    "execute": (_function("execute"), _BATCH_SETTLED),
    "consume": (_function("consume"), {"handled": 1}),
    "authorize": (_function("authorize"), {"principalId": "maria"}),
}
"""What starts each, and what its answer must contain."""


if __name__ == "__main__":
    main()
