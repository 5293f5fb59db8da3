"""The whole way of a command: outbox, exchange, inbox of the receiver, effect, and refusal."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.app import SQSEvent

from carafe.api.functions import Functions
from carafe.development.event_sources import QueueTrigger
from carafe.development.inbox_pump import InboxPump
from carafe.development.pump import QueuePump
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import ATTEMPTS
from carafe.infrastructure.cqrs.inbox import REASON
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import commands_exchange, inbox_queue, parked_queue
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.identifiers import event_command_id
from carafe.testing.broker import remove_from_servers
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker, a_delivery
from carafe.testing.sqs import Sqs
from tests.support.library import Loan, library_functions, library_of
from tests.support.post_office import Letter, post_functions, post_of
from tests.support.settling import soon
from tests.support.two_services import a_name, contracts, wired

Document = dict[str, Any]


@dataclass
class Side:
    """A service with its functions."""

    container: Container[Any]
    functions: Functions

    @property
    def name(self) -> str:
        return str(self.container.settings.service_name)

    @property
    def broker(self) -> Broker:
        return Broker(self.container)

    def consume(self) -> int:
        """Let `consume` handle what is in the inbox."""
        url = self.container.settings.rabbitmq_url
        pump = InboxPump(url, inbox_queue(self.name), self.functions.consume_events)
        return pump.step()

    def documents(self, collection: str) -> list[Document]:
        return list(self.container.database[collection].find())

    def sweep(self) -> None:
        """Relay what waits."""
        assert self.container.relay.sweep(0, time.monotonic() + 20).unfinished == set()


@dataclass
class Both:
    """The two services on one broker."""

    library: Side
    post: Side

    def remind(self, text: str = "Bring it back.", also: str = "") -> str:
        """Let a loan send its command, and return the command's id."""
        loan = Loan(id="l-1", reader="maria")
        loan.remind(text, also)
        self.library.container.repository(Loan).add(loan, a_context())
        (document,) = self.library.documents("loans")
        self.library.sweep()
        command: str = document["pending"][1]["id"]
        return command


@pytest.fixture
def both(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    """The library and the post office, each with its topology."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    names = a_name("library"), a_name("post")
    told = contracts(*names)
    library, post = library_of(told, names[0]), post_of(told, names[1])
    sides = [
        Side(wired(library, environment), library_functions(library, told)),
        Side(wired(post, environment), post_functions(post, told)),
    ]
    for each in sides:
        each.container.prepare_database()
        each.container.prepare_bus()
    yield Both(*sides)
    for each in sides:
        remove_from_servers(each.container)
        each.container.close()


def test_a_command_takes_effect_in_the_other_service(both: Both) -> None:
    command = both.remind("Hurry.")
    both.post.broker.wait_for(1)
    both.post.consume()
    (letter,) = both.post.documents("letters")
    assert letter["_id"] == event_command_id(f"/{both.library.name}", command)
    assert (letter["reader"], letter["text"]) == ("maria", "Hurry.")
    assert both.post.broker.parked() == []


def test_a_command_that_is_delivered_twice_takes_effect_once(both: Both) -> None:
    """A relay that died before the removal, and a queue that delivers again."""
    both.remind()
    both.post.broker.wait_for(1)
    ((_, body),) = both.post.broker.take_all(inbox_queue(both.post.name))
    for _ in range(3):
        both.post.broker.put(inbox_queue(both.post.name), body)
    both.post.consume()
    (letter,) = both.post.documents("letters")
    assert (letter["version"], len(letter["handled"])) == (1, 1)
    assert both.post.broker.parked() == []


def test_the_sender_hears_of_a_refusal_once(both: Both) -> None:
    """The letter says nothing, so that no later attempt can succeed."""
    command = both.remind(text="")
    both.post.broker.wait_for(1)
    ((_, body),) = both.post.broker.take_all(inbox_queue(both.post.name))
    for _ in range(2):
        both.post.broker.put(inbox_queue(both.post.name), body, message_id=command)
    both.post.consume()
    (headers, _), _again = both.post.broker.parked()
    assert headers[REASON] == "invalid_value"
    both.library.broker.wait_for(1)  # two refusals in one batch are one
    ((_, refusal),) = both.library.broker.take_all(inbox_queue(both.library.name))
    event = json.loads(refusal)
    assert event["data"] == {"command_id": command, "code": "invalid_value"}
    assert event["type"] == f"{both.post.name}.command.refused.v1"
    assert (event["source"], event["subject"], event["causationid"], event["sequence"]) == (
        f"/{both.post.name}",
        command,
        command,
        1,
    )
    assert event["correlationid"] == json.loads(body)["correlationid"]
    for _ in range(2):
        both.library.broker.put(inbox_queue(both.library.name), refusal)
    both.library.consume()
    (loan,) = both.library.documents("loans")
    assert (loan["refused_with"], loan["version"]) == ("invalid_value", 2)


def settled_with(post: Side, body: bytes, **headers: Any) -> None:  # noqa: ANN401 - any AMQP value
    post.functions.inbox().settle([a_delivery(json.loads(body), **headers)], soon())


def an_arrived_command(both: Both) -> Document:
    """Return a command as it lies in the inbox of its receiver, and take it out."""
    both.remind()
    both.post.broker.wait_for(1)
    ((_, body),) = both.post.broker.take_all(inbox_queue(both.post.name))
    command: Document = json.loads(body)
    return command


def refusals(both: Both) -> list[Document]:
    """Return the refusals that have come to the library."""
    messages = both.library.broker.take_all(inbox_queue(both.library.name))
    return [json.loads(body)["data"] for _, body in messages]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"data": {"reader": "maria"}}, "malformed"),
        ({"data": {}}, "malformed"),
        ({"type": "{post}.letter.send.v2"}, "unknown_type"),
    ],
)
def test_a_command_that_can_never_be_carried_out_is_refused(
    both: Both, changes: Document, code: str
) -> None:
    command = an_arrived_command(both)
    named = {name: _named(value, both) for name, value in changes.items()}
    settled_with(both.post, json.dumps(command | named).encode())
    both.library.broker.wait_for(1)
    assert refusals(both) == [{"command_id": command["id"], "code": code}]
    assert both.post.broker.count(parked_queue(both.post.name)) == 1


def _named(value: object, both: Both) -> object:
    return value.format(post=both.post.name) if isinstance(value, str) else value


def test_a_command_is_refused_only_when_its_attempts_are_used_up(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = an_arrived_command(both)

    def fail(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Letter, "written", fail)
    body = json.dumps(command).encode()
    settled_with(both.post, body, **{ATTEMPTS: 2})
    assert refusals(both) == []
    settled_with(both.post, body, **{ATTEMPTS: 3})
    both.library.broker.wait_for(1)
    assert refusals(both) == [{"command_id": command["id"], "code": "RuntimeError"}]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"specversion": "1.0", "type": "x.y.z.v1"}'])
def test_what_is_no_command_is_parked_without_a_refusal(both: Both, body: bytes) -> None:
    both.post.functions.inbox().settle([a_delivery(body)], soon())
    assert refusals(both) == []
    assert both.post.broker.count(parked_queue(both.post.name)) == 1


def test_an_event_is_parked_without_a_refusal(both: Both) -> None:
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": "x.y.z.v1", "data": {}}
    settled_with(both.post, json.dumps(event).encode())
    assert refusals(both) == []
    assert both.post.broker.count(parked_queue(both.post.name)) == 1


@pytest.mark.parametrize("outcome", [Outcome.NACKED, Outcome.RETURNED, Outcome.UNKNOWN])
def test_nothing_is_parked_before_its_refusal_is_confirmed(
    both: Both, monkeypatch: pytest.MonkeyPatch, outcome: Outcome
) -> None:
    command = an_arrived_command(both)
    body = json.dumps(command | {"data": {}}).encode()

    def publish(messages: list[Message], _deadline: float) -> Mapping[str, Outcome]:
        return {each.id: outcome for each in messages}

    with monkeypatch.context() as patch:
        patch.setattr(both.post.container.bus, "publish", publish)
        with pytest.raises(BusUnavailable, match="refusal of a command was not confirmed"):
            settled_with(both.post, body)
    assert both.post.broker.count(parked_queue(both.post.name)) == 0
    settled_with(both.post, body)  # the batch comes again
    both.library.broker.wait_for(1)
    assert refusals(both) == [{"command_id": command["id"], "code": "malformed"}]


def test_a_command_to_the_service_itself_takes_effect_once(both: Both, sqs: Sqs) -> None:
    loans = both.library.container.repository(Loan)
    loans.add(Loan(id="l-2", reader="maria"), a_context())
    loan = Loan(id="l-1", reader="maria")
    loan.remind(also="l-2")
    loans.add(loan, a_context())
    both.library.sweep()
    url = both.library.container.settings.command_queue_url
    queue = url.rpartition("/")[2]
    (command,) = sqs.waiting(queue)
    for _ in range(2):
        sqs.send(queue, command)
    trigger = QueueTrigger("execute", queue, 10, 0)

    def execute(event: Document, context: Any) -> object:  # noqa: ANN401 - Lambda's
        return both.library.functions.execute_queued(SQSEvent(event, context))

    QueuePump(sqs.client, url, trigger, execute).step()
    assert (loans.get("l-2").reminders, loans.get("l-2").version) == (1, 2)


def test_the_commands_exchange_belongs_to_the_sender(both: Both) -> None:
    """The receiver may be declared first: it creates what is missing, and owns nothing of it."""
    exchange = commands_exchange(both.library.name)
    with connect(parameters_of(both.library.container.settings.rabbitmq_url)) as connection:
        connection.channel().exchange_delete(exchange)
    both.post.container.prepare_bus()
    both.library.container.prepare_bus()
    both.remind()
    both.post.broker.wait_for(1)
