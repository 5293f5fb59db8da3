"""How many functions the account may run at once, and whether some can be reserved."""

from collections.abc import Iterator
from typing import Any

from .account import client

ALWAYS_UNRESERVED = 100
"""Lambda keeps so many for functions without a reservation, and refuses one that takes them.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

SMALL = 100


def reserves_concurrency() -> bool:
    """Return whether the account has executions to reserve; a new one, with 10 in all, has none."""
    return int(_limits()["UnreservedConcurrentExecutions"]) > ALWAYS_UNRESERVED


def notes_on_quotas() -> Iterator[str]:
    """Yield what a person should know before there is traffic."""
    most = int(_limits()["ConcurrentExecutions"])
    if most <= SMALL:
        yield (
            f"the account runs at most {most} functions at once, of all services: ask for more "
            "in Service Quotas (AWS Lambda, Concurrent executions) before there is traffic"
        )


def _limits() -> dict[str, Any]:
    limits: dict[str, Any] = client("lambda").get_account_settings()["AccountLimit"]
    return limits
