"""A function's first answer in a process of its own: `python -m benchmarks.api_cold NAME`.

A deployed API imports app.py and answers; so does the bare Chalice app of `api_bare_app.py`. The
measurement begins with the import and ends with the answer.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1]

NOT_DEPLOYED = ("OpenSSL", "typing_extensions")
"""Development packages that pymongo and msgspec would use if they were deployed."""

FUNCTIONS = ["bare", "api", "bridge", "bare with pika"]


def cold_start(name: str, settings: Mapping[str, str], event: str) -> tuple[float, float]:
    """Start a process for one answer, and return processor and wall time in seconds.

    Args:
        name: one of FUNCTIONS.
        settings: the environment of the function.
        event: the request that it answers, as JSON; the bridge is nudged instead.
    """
    process = subprocess.run(  # noqa: S603 - this module
        [sys.executable, "-m", "benchmarks.api_cold", name],
        cwd=HERE,
        # What is deployed is compiled; empty, this lets the first round do so here.
        env={**os.environ, **settings, "PYTHONDONTWRITEBYTECODE": ""},
        input=event,
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
    for missing in NOT_DEPLOYED:
        sys.modules[missing] = None  # type: ignore[assignment]
    wall, processor = time.perf_counter(), time.process_time()
    answer = _START[name](event)
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    if answer.get("statusCode", 200) != 200 or answer.get("batchItemFailures"):  # noqa: PLR2004
        raise ValueError(answer)
    print(json.dumps([processor, wall]))  # noqa: T201 - read by the parent process


def _bare(event: dict[str, Any]) -> Any:  # noqa: ANN401 - the function's answer
    from .api_bare_app import app  # noqa: PLC0415 - this is what is measured

    return app(event, None)


def _api(event: dict[str, Any]) -> Any:  # noqa: ANN401 - the same
    from app import app  # noqa: PLC0415 - the same
    from benchmarks.api_requests import accept_this_machine  # noqa: PLC0415 - the same

    accept_this_machine()

    return app(event, None)


def _bridge(_event: dict[str, Any]) -> Any:  # noqa: ANN401 - the same
    from app import bridge  # noqa: PLC0415 - the same
    from benchmarks.api_requests import accept_this_machine  # noqa: PLC0415 - the same

    accept_this_machine()

    return bridge(_nudge(), _Context())


def _bare_with_pika(event: dict[str, Any]) -> Any:  # noqa: ANN401 - the same
    import pika  # noqa: F401, PLC0415 - the same

    return _bare(event)


class _Context:
    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


def _nudge() -> dict[str, Any]:
    body = json.dumps({"collection": "orders", "id": "of-no-order"})
    return {"Records": [{"messageId": "1", "receiptHandle": "1", "body": body}]}


_START: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "bare": _bare,
    "api": _api,
    "bridge": _bridge,
    "bare with pika": _bare_with_pika,
}


if __name__ == "__main__":
    main()
