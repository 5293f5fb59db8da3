"""What documents, checks, advice and pictures say of commands to and from other services."""

from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import msgspec
import pytest
from jsonschema import Draft202012Validator

from carafe.api.asyncapi import asyncapi_of
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import ReceivedCommand
from carafe.development.broker.advice import advise_on
from carafe.development.broker.check import (
    Outbound,
    bindings_without_message,
    faults_of,
    messages_without_queue,
    unhandled_bindings,
)
from carafe.development.broker.management import LiveBroker, LiveExchange, LiveQueue
from carafe.development.contracts.snapshot import additions, breaking_changes, snapshot_of
from carafe.development.diagrams import contracts as contracts_page
from carafe.development.diagrams import cqrs as cqrs_page
from carafe.development.diagrams import event_bus as event_bus_page
from carafe.development.diagrams.source import behaviours
from carafe.infrastructure.event_bus.topology import Binding, Topology, topology_of
from carafe.infrastructure.outbox.outbox import Outbox, envelope_of
from carafe.testing.contexts import a_context
from tests.support.library import CallBack, CallLoanBack, Loan, SendReminder, library_of
from tests.support.post_office import post_of
from tests.support.schemas import faults_by
from tests.support.two_services import contracts

Document = dict[str, Any]

DURABLE = True

TOLD = contracts("lending", "post")
LIBRARY, POST = library_of(TOLD, "lending"), post_of(TOLD, "post")


# The AsyncAPI document


@pytest.mark.parametrize("service", [LIBRARY, POST])
def test_the_document_of_a_service_with_commands_is_valid(service: Any) -> None:  # noqa: ANN401 - declared above
    document = msgspec.json.decode(msgspec.json.encode(asyncapi_of(service, service.name)))
    assert faults_by("asyncapi-3.0.0.schema.json", document) == []


def _operations(document: Document) -> dict[str, tuple[str, str]]:
    """Return the action and the exchange of each operation."""
    return {
        name: (each["action"], _exchange(document, each["channel"]["$ref"]))
        for name, each in document["operations"].items()
    }


def _exchange(document: Document, reference: str) -> str:
    channel = document["channels"][reference.removeprefix("#/channels/")]
    name: str = channel["bindings"]["amqp"]["exchange"]["name"]
    return name


def test_the_sender_sends_a_command_to_an_exchange_of_its_own() -> None:
    assert _operations(asyncapi_of(LIBRARY, "lending")) == {
        "publish.lending.loan.overdue.v1": ("send", "lending.events"),
        "send.post.letter.send.v1": ("send", "lending.commands"),
        "consume.post.command.refused.v1": ("receive", "post.events"),
    }


def test_the_receiver_takes_it_from_there_and_may_refuse_it() -> None:
    assert _operations(asyncapi_of(POST, "post")) == {
        "publish.post.command.refused.v1": ("send", "post.events"),
        "consume.post.letter.send.v1": ("receive", "lending.commands"),
    }


def test_who_receives_no_commands_refuses_none() -> None:
    assert "refused" not in str(asyncapi_of(library_of(TOLD, "lending", subscribed=[]), "lending"))


def test_a_command_is_as_it_is_described() -> None:
    loan = Loan(id="l-1", reader="maria")
    loan.send(SendReminder(reader="maria", text="Hurry."))
    (entry,) = Outbox("lending", {}, sent=LIBRARY.sent).entries(loan, a_context())
    document = asyncapi_of(LIBRARY, "lending")
    payload = document["components"]["messages"]["SendLetterV1"]["payload"]
    assert "sequence" not in payload["properties"]
    whole = msgspec.to_builtins({**payload, "components": document["components"]})
    Draft202012Validator(whole).validate(envelope_of(entry))


# The topology, and a live broker held against it


def _topology(service: Any) -> Topology:  # noqa: ANN401 - declared above
    return topology_of(service.name, service.subscribed, sends_commands=bool(service.outgoing))


def test_only_who_sends_commands_needs_an_exchange_for_them() -> None:
    owned = [each.name for each in _topology(LIBRARY).exchanges if each.owned]
    assert owned == [
        "lending.unrouted",
        "lending.events",
        "lending.commands",
        "lending.inbox.aside",
    ]
    (commands,) = (each for each in _topology(LIBRARY).exchanges if each.name == "lending.commands")
    assert (commands.kind, commands.arguments) == (
        "topic",
        {"alternate-exchange": "lending.unrouted"},
    )
    assert "post.commands" not in [each.name for each in _topology(POST).exchanges]


def test_a_receiver_binds_the_exchange_of_the_sender() -> None:
    topology = _topology(POST)
    assert Binding("lending.commands", "post.inbox", "post.letter.send") in topology.bindings
    foreign = [each.name for each in topology.exchanges if not each.owned]
    assert foreign == ["lending.unrouted", "lending.commands"]


def _live(*topologies: Topology) -> LiveBroker:
    """Return a broker on which everything is as it is declared."""
    exchanges = [each for topology in topologies for each in topology.exchanges]
    queues = [each for topology in topologies for each in topology.queues]
    return LiveBroker(
        {
            each.name: LiveExchange(each.name, each.kind, DURABLE, each.arguments)
            for each in exchanges
        },
        {each.name: LiveQueue(each.name, DURABLE, each.arguments, 0) for each in queues},
        frozenset(each for topology in topologies for each in topology.bindings),
    )


def _outbound(service: Any) -> Outbound:  # noqa: ANN401 - declared above
    return Outbound(service.name, service.published_as(service.name), service.outgoing)


@pytest.mark.parametrize("service", [LIBRARY, POST])
def test_two_services_that_fit_have_no_faults(service: Any) -> None:  # noqa: ANN401 - declared above
    live = _live(_topology(LIBRARY), _topology(POST))
    assert faults_of(_topology(service), live) == []
    assert unhandled_bindings(service.name, _topology(service), live) == []
    assert bindings_without_message(_outbound(service), live) == []


def test_a_command_that_nobody_receives_is_told() -> None:
    alone = messages_without_queue(_outbound(LIBRARY), _live(_topology(LIBRARY)))
    assert "nobody receives post.letter.send.v1; its commands collect in lending.unrouted" in alone
    both = messages_without_queue(_outbound(LIBRARY), _live(_topology(LIBRARY), _topology(POST)))
    assert both == [
        "nobody consumes lending.loan.overdue.v1; its events collect in lending.unrouted"
    ]


def test_a_refusal_that_nobody_hears_is_told() -> None:
    assert messages_without_queue(_outbound(POST), _live(_topology(POST))) == [
        "nobody consumes post.command.refused.v1; its events collect in post.unrouted"
    ]


def test_a_queue_that_waits_for_a_command_that_nobody_sends_is_a_fault() -> None:
    (fault,) = bindings_without_message(
        _outbound(library_of(TOLD, "lending", sent={**LIBRARY.sent, SendReminder: Renamed})),
        _live(_topology(LIBRARY), _topology(POST)),
    )
    assert fault == (
        "post.inbox waits for post.letter.send of lending.commands, which nobody publishes"
    )


class Renamed(OutgoingCommand, frozen=True):
    """A letter is to be posted."""

    wire_type: ClassVar[str] = "post.letter.dispatch.v1"
    reader: str
    text: str


# Advice


def test_a_good_command_is_not_warned_of() -> None:
    sent = advise_on(TOLD.outgoing, None, ())
    received = advise_on(TOLD.received, "post", ["letter"])
    assert sent.patterns[0] == ("post.letter.send", "this command, in every version")
    assert sent.patterns[-1] == ("post.#", "every command to post")
    assert sent.warnings == ()
    assert [each for each in received.warnings if "suggests" not in each] == []


WARNED = [
    ("post.send.v1", "does not have the form context.aggregate.command"),
    ("press.letter.send.v1", "does not begin with post, the context that receives it"),
    ("post.box.send.v1", "is not an aggregate"),
    ("post.letter.posted.v1", "past tense: a command is a wish"),
    ("post.letter.dispatch.v1", "suggests send"),
]


@pytest.mark.parametrize(("wire_type", "warning"), WARNED)
def test_a_command_that_leaves_the_convention_is_warned_of(wire_type: str, warning: str) -> None:
    command = type("SendLetterV1", (TOLD.received,), {"wire_type": wire_type}, frozen=True)
    warnings = advise_on(command, "post", ["letter"]).warnings
    assert any(warning in each for each in warnings), warnings


# Compatibility


def _sent(**fields: type) -> Any:  # noqa: ANN401 - a contract
    return _contract("SendLetter", OutgoingCommand, fields)


def _received(**fields: type) -> Any:  # noqa: ANN401 - the same
    return _contract("LetterToSend", ReceivedCommand, fields)


def _contract(name: str, base: Any, fields: dict[str, type]) -> Any:  # noqa: ANN401 - made of any base
    wire_type = {"wire_type": "post.letter.send.v1"}
    return msgspec.defstruct(
        name, list(fields.items()), bases=(base,), namespace=wire_type, frozen=True
    )


def _sent_breaks(before: type[OutgoingCommand], after: type[OutgoingCommand]) -> list[str]:
    return breaking_changes(snapshot_of([], [], [before]), snapshot_of([], [], [after]))


def _received_breaks(before: type[ReceivedCommand], after: type[ReceivedCommand]) -> list[str]:
    return breaking_changes(snapshot_of([], [], [], [before]), snapshot_of([], [], [], [after]))


def test_a_sent_command_may_have_new_fields_but_not_lose_any() -> None:
    assert _sent_breaks(_sent(a=int), _sent(a=int, b=int)) == []
    assert _sent_breaks(_sent(a=int, b=int), _sent(a=int)) == [
        "sent command post.letter.send.v1 /b: is required, but may be missing"
    ]


def test_a_received_command_may_lose_fields_but_not_require_new_ones() -> None:
    assert _received_breaks(_received(a=int, b=int), _received(a=int)) == []
    assert _received_breaks(_received(a=int), _received(a=int, b=int)) == [
        "received command post.letter.send.v1 /b: is required, but may be missing"
    ]


def test_commands_that_are_gone_or_new_are_named() -> None:
    released = snapshot_of([], [], [_sent(a=int)], [_received(a=int)])
    nothing = snapshot_of([], [])
    assert breaking_changes(released, nothing) == [
        "sent command post.letter.send.v1 is no longer sent",
        "received command post.letter.send.v1 is no longer accepted",
    ]
    assert additions(nothing, released) == [
        "sent command post.letter.send.v1 is new",
        "received command post.letter.send.v1 is new",
    ]


def test_what_was_released_before_there_were_such_commands_is_still_read() -> None:
    earlier: Document = {"events": {}, "commands": {}, "schemas": {}}
    present = snapshot_of([], [], [_sent(a=int)])
    assert breaking_changes(earlier, present) == []
    assert additions(earlier, present) == ["sent command post.letter.send.v1 is new"]


# Pictures


def test_a_behaviour_knows_what_it_sends() -> None:
    (remind,) = (each for each in behaviours(Loan) if each.name == "remind")
    assert remind.commands == (SendReminder, CallBack)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - declared above
    """The service that the pages draw."""
    pages: tuple[ModuleType, ...] = (contracts_page, cqrs_page, event_bus_page)
    for page in pages:
        monkeypatch.setattr(page, "project", lambda: SimpleNamespace(service=request.param))
    return request.param


@pytest.mark.parametrize("drawn", [LIBRARY], indirect=True)
def test_the_bus_shows_the_way_of_commands(drawn: Any) -> None:  # noqa: ANN401 - declared above
    outbound, _ = event_bus_page.event_bus(drawn.name, ["consume"])
    assert 'topic exchange<br>lending.commands"' in outbound.diagram
    assert '"post.letter.*"' in outbound.diagram


@pytest.mark.parametrize("drawn", [POST], indirect=True)
def test_the_bus_shows_where_commands_come_from(drawn: Any) -> None:  # noqa: ANN401 - declared above
    outbound, inbound = event_bus_page.event_bus(drawn.name, ["consume"])
    assert "lending.commands" in inbound.diagram
    assert '"post.letter.send"' in inbound.diagram
    assert "post.commands" not in outbound.diagram


@pytest.mark.parametrize("drawn", [LIBRARY], indirect=True)
@pytest.mark.usefixtures("drawn")
def test_the_contracts_show_what_is_sent() -> None:
    (section,) = contracts_page._sent()  # noqa: SLF001 - the whole page needs a tree
    assert section.title == "Commands to other services"
    for text in ("SendReminder", "SendLetterV1", "post.letter.send.v1"):
        assert text in section.diagram
    assert section.table[1] == ("`post.letter.send`", "reader: str, text: str")


@pytest.mark.parametrize("drawn", [POST], indirect=True)
@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("page", [contracts_page._subscribed, cqrs_page._reactions])  # noqa: SLF001 - the same
def test_received_commands_have_a_section_of_their_own(page: Any) -> None:  # noqa: ANN401 - either
    def send(*_arguments: object) -> None: ...

    handlers = SimpleNamespace(reactions={TOLD.received: (send,), TOLD.refused: (send,)})
    sections = [section for group in page(handlers) for section in group]
    titles = ["Events of other services", "Commands of other services"]
    assert [each.title for each in sections] == titles
    assert "post.command.refused" in sections[0].diagram
    assert "post.letter.send" in sections[1].diagram


def test_a_command_in_the_picture_of_a_handler_names_its_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cqrs_page, "project", lambda: SimpleNamespace(service=LIBRARY))
    drawn = [cqrs_page._command_node(each).text for each in (SendReminder, CallBack)]  # noqa: SLF001 - the same
    assert drawn == [
        "SendReminder\npost.letter.send",
        f"CallBack\n{CallLoanBack.wire_name}",
    ]
