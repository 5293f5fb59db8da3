"""A broker that stalls or loses its connection: a relay ends within its time and loses nothing."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from carafe.development.servers.rabbitmq import RabbitServer
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import LONGEST_IDLE_SECONDS, RabbitMQBus
from carafe.infrastructure.identifiers import new_id
from carafe.infrastructure.outbox.relay import Relay
from tests.support.outboxes import add_order, in_seconds, pending_sequences, relay


@contextmanager
def stopped(server: RabbitServer) -> Iterator[None]:
    """Stop the broker's process, as a machine that no longer answers."""
    pid = server.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_silent_broker_costs_no_more_than_the_time_given(
    stack: Stack, service: Container[Any]
) -> None:
    """F30: neither with a connection that stands, nor when one must be made."""
    assert stack.rabbitmq is not None
    order_id = add_order(service)
    relay(service, add_order(service))
    for _ in ("connected", "anew"):
        began = time.monotonic()
        with stopped(stack.rabbitmq):
            result = relay(service, order_id, seconds=5)
        assert time.monotonic() - began < 5 + 3
        assert (result.events, pending_sequences(service, order_id)) == (0, [1])
        service.bus.close()
    assert relay(service, order_id).events == 1


class CrampedRabbitServer(RabbitServer):
    """A broker that has no memory left, and lets publishers wait."""

    def _configuration(self) -> str:
        return super()._configuration() + "vm_memory_high_watermark.absolute = 1MB\n"


def test_a_broker_without_memory_is_given_up_in_time(
    service: Container[Any], tmp_path: Path
) -> None:
    """F29: the memory alarm blocks the connection, for as long as it lasts."""
    cramped = CrampedRabbitServer(tmp_path)
    cramped.start()
    try:
        bus = RabbitMQBus(cramped.url, service.settings.service_name)
        bus.declare(service.service.subscribed)
        order_id = add_order(service)
        began = time.monotonic()
        result = Relay(service.outbox_stores, bus).relay({"orders": [order_id]}, in_seconds(6))
        assert time.monotonic() - began < 6
        assert (result.events, pending_sequences(service, order_id)) == (0, [1])
        bus.close()
    finally:
        cramped.stop()
    assert relay(service, order_id).events == 1


@pytest.mark.parametrize("frozen_seconds", [0, LONGEST_IDLE_SECONDS + 1])
def test_a_connection_that_died_unseen_costs_one_reconnect(
    service: Container[Any], frozen_seconds: float
) -> None:
    """F32: within the time that a connection is trusted, and after it."""
    ahead = 0.0
    bus = RabbitMQBus(
        service.settings.rabbitmq_url,
        service.settings.service_name,
        clock=lambda: time.time() + ahead,
    )
    relaying = Relay(service.outbox_stores, bus)
    relaying.relay({"orders": [add_order(service)]}, in_seconds(20))
    publisher = bus._publisher  # noqa: SLF001 - to break what stands
    assert publisher is not None
    # The other side is gone, and this one has not been told: what a thawed function finds.
    transport: Any = publisher._connection._transport  # noqa: SLF001 - the same
    transport._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 - the same
    ahead = frozen_seconds
    result = relaying.relay({"orders": [add_order(service, 2)]}, in_seconds(20))
    assert (result.events, result.unfinished) == (2, set())
    bus.close()


def test_outcomes_of_a_wave_that_was_cut_off_are_unknown(
    stack: Stack, service: Container[Any]
) -> None:
    assert stack.rabbitmq is not None
    service.bus.publish([Message(new_id(), "a.b.c.v1", "a.b.c", b"{}")], in_seconds(5))
    messages = [Message(new_id(), "a.b.c.v1", "a.b.c", b"{}") for _ in range(50)]
    with stopped(stack.rabbitmq):
        outcomes = service.bus.publish(messages, in_seconds(1))
    assert set(outcomes.values()) == {Outcome.UNKNOWN}
