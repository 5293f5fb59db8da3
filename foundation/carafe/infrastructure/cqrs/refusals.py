"""The answer to a command of another service that will never be carried out."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from carafe.contracts.envelope import ReceivedEvent, correlation_id_in, traceparent_in
from carafe.contracts.integration_events import routing_key
from carafe.contracts.received_commands import refusal_type
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.port import EventBus, Message, Outcome
from carafe.infrastructure.identifiers import event_command_id, new_id, now
from carafe.infrastructure.outbox.cloud_events import event_attributes

from .failures import code_of


def refusal_of(command: ReceivedEvent, body: bytes, error: Exception, service: str) -> Message:
    """Return the event that tells a sender that its command is refused.

    Its id follows from the message, so that a repeat is the same event. When the sender sends the
    command once more under the same id, the time in it differs, and its refusal is another one.

    Args:
        command: as it was received.
        body: the message that it was in.
        error: why it is refused.
        service: the name of the service that refuses.
    """
    wire_type = refusal_type(service)
    digest = hashlib.sha256(body).hexdigest()
    event_id = event_command_id(f"{command.source} refused", f"{command.id} {digest}")
    envelope = {
        **event_attributes(event_id, f"/{service}", wire_type, command.id, now()),
        "sequence": 1,
        "correlationid": correlation_id_in(command.correlationid) or new_id(),
        "causationid": command.id,
        "data": {"command_id": command.id, "code": code_of(error)},
    }
    if traceparent := traceparent_in(command.traceparent):
        envelope["traceparent"] = traceparent
    return Message(event_id, wire_type, routing_key(wire_type), msgspec.json.encode(envelope))


def publish_refusals(bus: EventBus, refusals: Sequence[Message], deadline: float) -> None:
    """Publish refusals, before their commands are parked.

    Raises:
        BusUnavailable: one was not confirmed; its command must come again.
    """
    if not refusals:
        return
    by_id: Mapping[str, Message] = {each.id: each for each in refusals}
    outcomes = bus.publish(list(by_id.values()), deadline)
    if any(outcomes[each] is not Outcome.CONFIRMED for each in by_id):
        raise BusUnavailable("The refusal of a command was not confirmed; the command comes again.")
