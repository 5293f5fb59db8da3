"""Commands leave their documents in order with the events, to where each of them goes."""

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pika
import pytest

from carafe.development.parked.on_rabbitmq import unrouted_events
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore, WaitingEntries
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.names import (
    commands_exchange,
    events_exchange,
    unrouted_queue,
)
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.outbox.own_commands import LARGEST_BATCH, OwnCommands
from carafe.infrastructure.outbox.relay import Relay
from carafe.testing import stores
from carafe.testing.broker import remove_from_servers
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker
from carafe.testing.sqs import Sqs
from tests.support.library import CallBack, Loan, SendReminder, library_of
from tests.support.two_services import a_name, contracts, wired


def soon() -> float:
    return time.monotonic() + 20


@pytest.fixture
def library(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Container[Any]]:
    """The library on real servers; nobody receives its commands."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    name, post = a_name("library"), a_name("post")
    container = wired(library_of(contracts(name, post), name), environment)
    container.prepare_database()
    container.prepare_bus()
    yield container
    remove_from_servers(container)
    container.close()


def add_loan(library: Container[Any], loan_id: str = "l-1", also: str = "") -> Loan:
    """Store a loan with an event and a command that wait, and perhaps a second command."""
    loan = Loan(id=loan_id, reader="maria")
    loan.remind(also=also)
    library.repository(Loan).add(loan, a_context())
    return loan


def pending(library: Container[Any], loan_id: str = "l-1") -> list[str]:
    """Return the middle words of the wire types that wait."""
    document = library.database["loans"].find_one({"_id": loan_id})
    assert document is not None
    return [each["type"].split(".")[1] for each in document["pending"]]


def routed(library: Container[Any]) -> list[tuple[str, str]]:
    """Return exchange and routing key of everything that was published, as it came.

    Nobody has bound a queue, so everything is in the queue of what no queue accepts.
    """
    service = library.settings.service_name
    arrived: list[tuple[str, str]] = []
    with connect(parameters_of(library.settings.rabbitmq_url)) as connection:
        channel = connection.channel()
        while True:
            method, _, _ = channel.basic_get(unrouted_queue(service), auto_ack=True)
            if method is None:
                return arrived
            arrived.append((method.exchange, method.routing_key))


def queued(library: Container[Any], sqs: Sqs) -> list[dict[str, Any]]:
    """Return what came to the service's own queue."""
    return sqs.waiting(library.settings.command_queue_url.rpartition("/")[2])


def test_each_entry_goes_where_it_belongs_and_leaves_the_outbox(
    library: Container[Any], sqs: Sqs
) -> None:
    loan = add_loan(library, also="l-2")
    relayed = library.relay.relay({"loans": [loan.id]}, soon())
    assert (relayed.events, relayed.commands, relayed.unfinished) == (1, 2, set())
    service = library.settings.service_name
    receiver = library.service.outgoing[0].receiver()
    assert routed(library) == [
        (events_exchange(service), f"{service}.loan.overdue"),
        (commands_exchange(service), f"{receiver}.letter.send"),
    ]
    (command,) = queued(library, sqs)
    assert (command["command"], command["subject"], command["data"]) == (
        "lending.call_loan_back",
        f"/{service}",
        {"loan_id": "l-2"},
    )
    document = library.database["loans"].find_one({"_id": loan.id})
    assert document is not None
    assert (document["pending"], "pending_since" in document) == ([], False)


class Recording:
    """A bus and a queue that note what they are given, and give some of it another outcome."""

    def __init__(self, outcomes: Mapping[str, Outcome] | None = None) -> None:
        self.sent: list[tuple[str, str]] = []
        self._outcomes = outcomes or {}

    def _note(self, way: str, messages: Sequence[Message]) -> Mapping[str, Outcome]:
        self.sent += [(way, each.type.split(".")[1]) for each in messages]
        return {each.id: self._outcomes.get(way, Outcome.CONFIRMED) for each in messages}


class RecordingBus(Recording, MemoryBus):
    """The bus of it."""

    def __init__(self, outcomes: Mapping[str, Outcome] | None = None) -> None:
        Recording.__init__(self, outcomes)
        MemoryBus.__init__(self)

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        del deadline
        return self._note("events", messages)

    def publish_commands(
        self, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        del deadline
        return self._note("commands", messages)


class RecordingQueue(OwnCommands):
    """The queue of it."""

    def __init__(self, bus: RecordingBus) -> None:
        self._bus = bus

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        del deadline
        return self._bus._note("queue", messages)  # noqa: SLF001 - made for this


def relay_over(library: Container[Any], bus: RecordingBus) -> Relay:
    store = MongoOutboxStore(library.database["loans"])
    return Relay({"loans": store}, bus, RecordingQueue(bus))


ENTRIES = [("events", "loan"), ("commands", "letter"), ("queue", "call_loan_back")]


def test_in_memory_nobody_takes_commands() -> None:
    """No other service shares that bus; what is subscribed to is events."""
    bus = MemoryBus()
    with bus.subscribe(["#"]) as subscription:
        (command,) = messages_of(2)
        assert bus.publish_commands([command], soon()) == {command.id: Outcome.CONFIRMED}
        assert subscription.receive(0) is None
    assert list(bus.unrouted) == [command]


def test_a_document_s_entries_leave_in_their_order_wherever_they_go(
    library: Container[Any],
) -> None:
    loan = Loan(id="l-1", reader="maria")
    loan.send(CallBack(loan_id="first"))
    loan.remind()
    loan.send(CallBack(loan_id="last"))
    loan.remind(also="l-2")
    library.repository(Loan).add(loan, a_context())
    bus = RecordingBus()
    assert relay_over(library, bus).relay({"loans": ["l-1"]}, soon()).unfinished == set()
    assert bus.sent == [
        ENTRIES[2],
        *ENTRIES[:2],
        ENTRIES[2],
        *ENTRIES,
    ]


@pytest.mark.parametrize(("way", "position"), [("events", 0), ("commands", 1), ("queue", 2)])
@pytest.mark.parametrize("outcome", [Outcome.NACKED, Outcome.RETURNED, Outcome.UNKNOWN])
def test_what_is_not_confirmed_holds_back_what_follows_in_its_document(
    library: Container[Any], way: str, position: int, outcome: Outcome
) -> None:
    loan = add_loan(library, also="l-2")
    loan.remind()
    library.repository(Loan).save(loan, a_context())
    relayed = relay_over(library, bus := RecordingBus({way: outcome})).sweep(0, soon())
    assert bus.sent == ENTRIES[: position + 1]
    assert relayed.events + relayed.commands == position
    assert (relayed.unfinished, relayed.parked) == ({("loans", "l-1")}, 0)
    assert pending(library) == ["loan", "letter", "call_loan_back", "loan", "letter"][position:]
    again = relay_over(library, RecordingBus()).sweep(0, soon())
    assert (again.unfinished, pending(library)) == (set(), [])


def test_a_command_that_waits_holds_back_no_other_document(library: Container[Any]) -> None:
    add_loan(library)
    other = Loan(id="l-2", reader="maria")
    other.remind()
    other.recorded.pop()
    library.repository(Loan).add(other, a_context())
    swept = relay_over(library, RecordingBus({"commands": Outcome.UNKNOWN})).sweep(0, soon())
    assert (swept.events, swept.commands, swept.unfinished) == (2, 0, {("loans", "l-1")})


def test_a_command_is_sent_again_with_the_same_id(library: Container[Any], sqs: Sqs) -> None:
    """A relay that dies before it removes what was confirmed sends it once more."""
    add_loan(library, also="l-2")
    documents = library.outbox_stores["loans"].pending(["l-1"])
    library.relay._publish(documents, soon())  # noqa: SLF001 - it dies before the removal
    library.relay.relay({"loans": ["l-1"]}, soon())
    first, second = queued(library, sqs)
    assert first == second
    assert [key for _, key in routed(library)].count(
        f"{library.service.outgoing[0].receiver()}.letter.send"
    ) == 2


def test_an_entry_of_a_kind_that_only_newer_code_knows_waits_untouched(
    library: Container[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A deployment: newer code writes beside the relay of older code."""
    add_loan(library)
    newer = {"id": "n-1", "type": "x.y.z.v1", "to": "elsewhere", "body": "{}"}
    loans = library.database["loans"]
    loans.update_one({"_id": "l-1"}, {"$push": {"pending": {"$each": [newer], "$position": 1}}})
    with caplog.at_level(logging.WARNING):
        swept = library.relay.sweep(0, soon())
    assert (swept.events, swept.commands, swept.parked) == (1, 0, 0)
    assert swept.unfinished == {("loans", "l-1")}
    document = loans.find_one({"_id": "l-1"})
    assert document is not None
    assert document["pending"][0] == newer
    assert pending(library) == ["y", "letter"]
    assert "an entry of a newer version waits" in caplog.text
    assert library.outbox_stores["loans"].parked() == []


@pytest.mark.parametrize("damage", [{"$unset": {"pending.1.body": ""}}, {"body": 7}])
def test_a_damaged_command_is_parked(library: Container[Any], damage: dict[str, Any]) -> None:
    add_loan(library)
    loans = library.database["loans"]
    change = damage if "$unset" in damage else {"$set": {"pending.1.body": 7}}
    loans.database.command("collMod", "loans", validator={})
    loans.update_one({"_id": "l-1"}, change)
    assert library.relay.sweep(0, soon()).parked == 1
    assert library.outbox_stores["loans"].parked() == ["l-1"]


def test_a_missing_exchange_of_commands_holds_back_no_events(
    library: Container[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The service sends its first command, and nobody has declared the exchange."""
    exchange = commands_exchange(library.settings.service_name)
    with connect(parameters_of(library.settings.rabbitmq_url)) as connection:
        connection.channel().exchange_delete(exchange)
    for loan_id in ("l-1", "l-2"):
        add_loan(library, loan_id)
    swept = library.relay.sweep(0, soon())
    assert (swept.events, swept.commands, len(swept.unfinished)) == (2, 0, 2)
    assert f"{exchange} does not exist; create it with `carafe bus declare`" in caplog.text
    library.prepare_bus()
    assert library.relay.sweep(0, soon()).commands == 2


def test_a_queue_that_cannot_be_reached_holds_commands_back(
    library: Container[Any], caplog: pytest.LogCaptureFixture
) -> None:
    add_loan(library, also="l-2")
    nowhere = OwnCommands(library.sqs, f"{library.settings.command_queue_url}-gone")
    relay = Relay(library.outbox_stores, library.bus, nowhere)
    relayed = relay.relay({"loans": ["l-1"]}, soon())
    assert (relayed.events, relayed.commands, relayed.unfinished) == (1, 1, {("loans", "l-1")})
    assert pending(library) == ["call_loan_back"]
    assert "commands wait, their queue cannot be reached" in caplog.text
    assert library.relay.relay({"loans": ["l-1"]}, soon()).commands == 1


def test_a_broker_that_is_away_holds_commands_back(library: Container[Any]) -> None:
    class Away(RecordingBus):
        def publish_commands(
            self, messages: Sequence[Message], deadline: float
        ) -> Mapping[str, Outcome]:
            del messages, deadline
            raise BusUnavailable("Nobody answers.")

    add_loan(library)
    relayed = relay_over(library, Away()).relay({"loans": ["l-1"]}, soon())
    assert (relayed.events, relayed.commands, relayed.bus_failed) == (1, 0, True)
    assert pending(library) == ["letter"]


def test_many_own_commands_go_in_batches(library: Container[Any], sqs: Sqs) -> None:
    for number in range(25):
        loan = Loan(id=f"l-{number}", reader="maria")
        loan.send(CallBack(loan_id=str(number)))
        library.repository(Loan).add(loan, a_context())
    assert library.relay.sweep(0, soon()).commands == 25
    assert sqs.count(library.settings.command_queue_url.rpartition("/")[2]) == 25


class Batches:
    """An SQS that notes batches, and refuses the first message of each.

    Attributes:
        sizes: number of messages, and of their bytes, in each batch.
    """

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def send_message_batch(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        entries = arguments["Entries"]
        self.sizes.append((len(entries), sum(len(each["MessageBody"]) for each in entries)))
        return {
            "Successful": [{"Id": each["Id"]} for each in entries[1:]],
            "Failed": [{"Id": entries[0]["Id"], "Code": "InternalError"}],
        }


def messages_of(*sizes: int) -> list[Message]:
    return [Message(f"m-{number}", "t", "t", b"x" * size) for number, size in enumerate(sizes)]


def test_no_batch_is_larger_than_sqs_accepts() -> None:
    sqs, third = Batches(), LARGEST_BATCH // 3
    OwnCommands(sqs, "http://queue").send(messages_of(third, third, third, third, 7, 8), soon())
    assert sqs.sizes == [(3, 3 * third), (3, third + 15)]


def test_of_a_batch_those_that_were_refused_wait() -> None:
    messages = messages_of(*[2] * 12)
    outcomes = OwnCommands(Batches(), "http://queue").send(messages, soon())
    refused = {"m-0", "m-10"}
    assert outcomes == {
        each.id: Outcome.UNKNOWN if each.id in refused else Outcome.CONFIRMED for each in messages
    }


def test_after_the_deadline_no_batch_is_begun() -> None:
    sqs = Batches()
    outcomes = OwnCommands(sqs, "http://queue").send(messages_of(2), time.monotonic() - 1)
    assert (outcomes, sqs.sizes) == ({"m-0": Outcome.UNKNOWN}, [])


def test_relays_at_once_keep_the_order_of_a_document(library: Container[Any]) -> None:
    """First deliveries are in order, with any number of relays; repeats may follow."""
    loan = Loan(id="l-1", reader="maria")
    for number in range(10):
        loan.remind()
        loan.send(SendReminder(reader="maria", text=str(number)))
    library.repository(Loan).add(loan, a_context())
    document = library.database["loans"].find_one({"_id": "l-1"})
    assert document is not None
    url, service = library.settings.rabbitmq_url, library.settings.service_name

    def relay(_: int) -> None:
        bus = RabbitMQBus(url, service)
        Relay(library.outbox_stores, bus).relay({"loans": ["l-1"]}, soon())
        bus.close()

    stores.at_once(3, relay)
    assert pending(library) == []
    arrived = [
        json.loads(body)["id"] for _, body in Broker(library).take_all(unrouted_queue(service))
    ]
    assert list(dict.fromkeys(arrived)) == [each["id"] for each in document["pending"]]


def test_an_unrouted_command_is_redriven_to_the_exchange_of_commands(
    library: Container[Any],
) -> None:
    add_loan(library)
    library.relay.sweep(0, soon())
    service, url = library.settings.service_name, library.settings.rabbitmq_url
    receiver = library.service.outgoing[0].receiver()
    with connect(parameters_of(url)) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, commands_exchange(service), f"{receiver}.#")
        with unrouted_events(url, service) as source:
            event, command = source.messages(10)
            source.redrive(command)
        assert event.type.endswith(".loan.overdue.v1")
        method, _, body = channel.basic_get(queue, auto_ack=True)
    assert isinstance(method, pika.spec.Basic.GetOk)
    assert json.loads(body or b"")["type"] == f"{receiver}.letter.send.v1"


def test_the_outbox_counts_events_and_commands(library: Container[Any]) -> None:
    add_loan(library, also="l-2")
    add_loan(library, "l-2")
    store = library.outbox_stores["loans"]
    assert (store.waiting(), store.waiting_entries()) == (2, WaitingEntries(2, 3, 0))
    library.relay.sweep(0, soon())
    assert (store.waiting(), store.waiting_entries()) == (0, WaitingEntries(0, 0, 0))
