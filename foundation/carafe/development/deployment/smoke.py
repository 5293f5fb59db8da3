"""The first requests to a stage that was deployed: do its functions answer, and can they work?"""

import json
import time
from collections.abc import Callable

import urllib3
from urllib3.exceptions import HTTPError

from .errors import DeploymentFailed

PATHS = ("health", "ready")
PATIENCE_SECONDS = 90.0
"""A new API and cold functions, with their networks, take a while."""
PAUSE_SECONDS = 3.0
TIMEOUT = urllib3.Timeout(connect=5, read=30)
OK = 200
LONGEST_BODY = 200


def smoke_test(
    url: str,
    report: Callable[[str], None],
    patience_seconds: float = PATIENCE_SECONDS,
    pause: Callable[[], None] = lambda: time.sleep(PAUSE_SECONDS),
) -> None:
    """Ask `/health` and `/ready` until they say yes.

    Args:
        url: of the API's stage.
        report: called with what they say.
        patience_seconds: until this gives up.
        pause: waits between two attempts.

    Raises:
        DeploymentFailed: one did not.
    """
    end = time.monotonic() + patience_seconds
    for path in PATHS:
        address = f"{url.rstrip('/')}/{path}"
        while (problem := _problem(address)) is not None:
            if time.monotonic() > end:
                raise DeploymentFailed(
                    f"the stage is deployed, but {address} says {problem}: `carafe page "
                    "operations` has the alarms and what to do about each"
                )
            pause()
        report(f"{address}: 200")


def _problem(address: str) -> str | None:
    try:
        answer = urllib3.request("GET", address, timeout=TIMEOUT, retries=False)
    except HTTPError as error:
        return type(error).__name__
    return None if answer.status == OK else f"{answer.status} {_reason(answer.data)}".strip()


def _reason(body: bytes) -> str:
    """Return the problem's code, or the beginning of another body."""
    try:
        return str(json.loads(body)["code"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:LONGEST_BODY]
