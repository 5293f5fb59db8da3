"""A broker that stalls or loses its connection: a relay ends within its time and loses nothing."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from carafe.development.servers.rabbitmq import RabbitServer
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus import connections
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import LONGEST_IDLE_SECONDS, RabbitMQBus
from carafe.infrastructure.identifiers import new_id
from carafe.infrastructure.outbox import relay as relay_module
from carafe.infrastructure.outbox.relay import LONGEST_WAVE_SECONDS, REMOVAL_SECONDS, Relay
from tests.support.outboxes import add_order, in_seconds, pending_sequences, relay
from tests.support.own_servers import own_broker
from tests.support.silent_proxy import SilentProxy


@contextmanager
def stopped(server: RabbitServer) -> Iterator[None]:
    """Stop the broker's process, as a machine that no longer answers."""
    pid = server.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    # The signal has only been sent: until the kernel has stopped every thread, one may still
    # confirm a message.
    _, status = os.waitpid(pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_silent_broker_costs_no_more_than_the_time_given(
    stack: Stack, service: Container[Any]
) -> None:
    """F30: neither with a connection that stands, nor when one must be made."""
    broker = own_broker(stack)
    order_id = add_order(service)
    relay(service, add_order(service))
    for _ in ("connected", "anew"):
        began = time.monotonic()
        with stopped(broker):
            result = relay(service, order_id, seconds=5)
        assert time.monotonic() - began < 5 + 3
        assert (result.events, pending_sequences(service, order_id)) == (0, [1])
        service.bus.close()
    assert relay(service, order_id).events == 1


class CrampedRabbitServer(RabbitServer):
    """A broker that has no memory left, and lets publishers wait."""

    def _configuration(self) -> str:
        return super()._configuration() + "vm_memory_high_watermark.absolute = 1MB\n"


@pytest.fixture(scope="module")
def cramped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    server = CrampedRabbitServer(tmp_path_factory.mktemp("cramped"))
    server.start()
    yield server
    server.stop()


def test_a_broker_without_memory_is_given_up_in_time(
    service: Container[Any], cramped: RabbitServer
) -> None:
    """F29: the memory alarm blocks the connection, for as long as it lasts."""
    bus = RabbitMQBus(cramped.url, service.settings.service_name)
    bus.declare(service.service.subscribed)
    order_id = add_order(service)
    began = time.monotonic()
    result = Relay(service.outbox_stores, bus).relay({"orders": [order_id]}, in_seconds(6))
    assert time.monotonic() - began < 6
    assert (result.events, pending_sequences(service, order_id)) == (0, [1])
    bus.close()
    assert relay(service, order_id).events == 1


def test_a_blocked_connection_is_given_up_before_the_deadline(
    service: Container[Any], cramped: RabbitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F29: the inbox sends with the whole time of its function."""
    monkeypatch.setattr(connections, "BLOCKED_TIMEOUT_SECONDS", 1)
    bus = RabbitMQBus(cramped.url, service.settings.service_name)
    bus.declare(service.service.subscribed)
    message = a_message()
    began = time.monotonic()
    assert bus.publish([message], in_seconds(10)) == {message.id: Outcome.UNKNOWN}
    assert time.monotonic() - began < 8
    bus.close()


def a_message() -> Message:
    return Message(new_id(), "a.b.c.v1", "a.b.c", b"{}")


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


@pytest.fixture
def proxy(service: Container[Any]) -> Iterator[SilentProxy]:
    """A proxy in front of the broker."""
    port = urlsplit(service.settings.rabbitmq_url).port
    assert port is not None
    with SilentProxy(port) as proxy:
        yield proxy


def through(proxy: SilentProxy, service: Container[Any]) -> str:
    """Return the broker's address behind a proxy."""
    url: str = service.settings.rabbitmq_url
    return url.replace(f":{urlsplit(url).port}", f":{proxy.port}")


def test_a_connection_that_was_idle_for_long_is_not_trusted(
    service: Container[Any], proxy: SilentProxy
) -> None:
    """F32: the network forgot it during a freeze, and drops its packets without a word."""
    ahead = 0.0
    bus = RabbitMQBus(
        through(proxy, service),
        service.settings.service_name,
        clock=lambda: time.time() + ahead,
    )
    relaying = Relay(service.outbox_stores, bus)
    relaying.relay({"orders": [add_order(service)]}, in_seconds(20))
    proxy.silence()
    ahead = LONGEST_IDLE_SECONDS + 1
    result = relaying.relay({"orders": [add_order(service)]}, in_seconds(20))
    assert (result.events, result.unfinished) == (1, set())
    bus.close()


def test_a_wave_without_an_answer_leaves_time_for_the_next(
    service: Container[Any], proxy: SilentProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F30: the others' events arrive by the same deadline, over a new connection."""
    monkeypatch.setattr(relay_module, "SWEEP_BATCH", 1)
    bus = RabbitMQBus(through(proxy, service), service.settings.service_name)
    relaying = Relay(service.outbox_stores, bus)
    relaying.relay({"orders": [add_order(service)]}, in_seconds(20))
    order_ids = [add_order(service) for _ in range(2)]
    proxy.silence()
    result = relaying.sweep(0, in_seconds(LONGEST_WAVE_SECONDS + REMOVAL_SECONDS + 5))
    assert result.events == 1
    assert sorted(pending_sequences(service, each) for each in order_ids) == [[], [1]]
    bus.close()


def test_a_subscriber_learns_that_its_broker_fell_silent(
    service: Container[Any], proxy: SilentProxy
) -> None:
    """F30: by the heartbeats that are missing; otherwise it would wait for ever."""
    bus = RabbitMQBus(through(proxy, service), service.settings.service_name, heartbeat_seconds=1)
    with bus.subscribe(["#"]) as subscription:
        assert subscription.receive(0.1) is None
        proxy.silence()
        try:
            with pytest.raises(BusUnavailable):
                subscription.receive(20)
        finally:
            proxy.close()  # without heartbeats, closing the connection would not end either


def test_outcomes_of_a_wave_that_was_cut_off_are_unknown(
    stack: Stack, service: Container[Any]
) -> None:
    broker = own_broker(stack)
    service.bus.publish([a_message()], in_seconds(5))
    messages = [a_message() for _ in range(50)]
    with stopped(broker):
        outcomes = service.bus.publish(messages, in_seconds(1))
    assert set(outcomes.values()) == {Outcome.UNKNOWN}
