"""What the service's queues are on the live broker, in figures of their own.

`carafe bus check` holds the broker against the package's description, whatever that says.
"""

from collections.abc import Mapping
from typing import Any

import pytest
import urllib3

from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container

# The broker drops a message that was delivered this often.
LEAST_DELIVERIES = {"inbox": 1_000, "inbox.parked": 1_000_000, "unrouted": 1_000_000}
DEAD_LETTERS = {"inbox": "inbox.parked", "inbox.retry.5s": "inbox"}


@pytest.fixture
def queues(stack: Stack, service: Container[Any]) -> Mapping[str, dict[str, Any]]:
    """The service's queues, by their names without that of the service."""
    answer = urllib3.request(
        "GET",
        stack.environment["RABBITMQ_MANAGEMENT_URL"] + "/api/queues/%2F",
        headers=urllib3.make_headers(basic_auth="guest:guest"),
    )
    prefix = service.settings.service_name + "."
    return {
        each["name"].removeprefix(prefix): each
        for each in answer.json()
        if each["name"].startswith(prefix)
    }


def test_every_queue_is_durable_and_replicated(queues: Mapping[str, dict[str, Any]]) -> None:
    assert {"inbox", "inbox.parked", "unrouted", *DEAD_LETTERS} <= queues.keys()
    for name, queue in queues.items():
        assert (name, queue["durable"], queue["arguments"]["x-queue-type"]) == (
            name,
            True,
            "quorum",
        )


@pytest.mark.parametrize("name", LEAST_DELIVERIES)
def test_deliveries_leave_time_for_an_outage(
    queues: Mapping[str, dict[str, Any]], name: str
) -> None:
    assert queues[name]["arguments"]["x-delivery-limit"] >= LEAST_DELIVERIES[name]


@pytest.mark.parametrize("name", DEAD_LETTERS)
def test_dead_letters_are_moved_at_least_once(
    queues: Mapping[str, dict[str, Any]], service: Container[Any], name: str
) -> None:
    arguments = queues[name]["arguments"]
    assert arguments["x-dead-letter-strategy"] == "at-least-once"
    assert arguments["x-overflow"] == "reject-publish"
    target = f"{service.settings.service_name}.{DEAD_LETTERS[name]}"
    assert arguments["x-dead-letter-routing-key"] == target
