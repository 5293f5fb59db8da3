"""The AsyncAPI 3.0 document: the events and commands that the service sends and receives.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import ReceivedCommand
from carafe.infrastructure.declaration import Declaration
from carafe.infrastructure.event_bus.names import commands_exchange, events_exchange, exchange_of
from carafe.infrastructure.event_bus.port import CLOUD_EVENT

from .schemas import component_schemas, reference_to

Document = dict[str, Any]

Contract = type[IntegrationEvent] | type[OutgoingCommand]

_SUBJECTS = {False: "id of the aggregate", True: "id of the sender's aggregate"}


def asyncapi_of(service: Declaration[Any], name: str) -> Document:
    """Return the document of a service.

    Args:
        service: as it is declared.
        name: by which it is known on the broker.
    """
    published = service.published_as(name)
    return asyncapi_document(
        name,
        service.version,
        published,
        service.subscribed,
        service.outgoing,
        own_events=service.own_events,
    )


def asyncapi_document(  # noqa: PLR0913 - the last ones have defaults
    service: str,
    version: str,
    published: Sequence[type[IntegrationEvent]],
    subscribed: Sequence[type[IntegrationEvent]],
    sent: Sequence[type[OutgoingCommand]] = (),
    *,
    own_events: Sequence[type[IntegrationEvent]] = (),
) -> Document:
    """Return the document.

    Args:
        service: whose events and commands these are.
        version: of the service.
        published: the contracts of its own events.
        subscribed: the contracts of the events and commands that it handles, as far as it reads
            them.
        sent: the contracts of its commands to other services.
        own_events: those among `subscribed` that it publishes itself.
    """
    everything: list[Contract] = list(dict.fromkeys([*published, *sent, *subscribed]))
    exchanges: dict[Contract, str] = dict.fromkeys(published, events_exchange(service))
    exchanges |= dict.fromkeys(sent, commands_exchange(service))
    exchanges |= {each: exchange_of(each) for each in subscribed}
    exchanges |= dict.fromkeys(own_events, events_exchange(service))
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"{service} events", "version": version},
        "defaultContentType": CLOUD_EVENT,
        "channels": _channels(exchanges),
        "operations": {
            **{f"publish.{each.wire_type}": _operation("send", each) for each in published},
            **{f"send.{each.wire_type}": _operation("send", each) for each in sent},
            **{f"consume.{each.wire_type}": _operation("receive", each) for each in subscribed},
        },
        "components": {
            "messages": {each.__name__: _message(each) for each in everything},
            "schemas": component_schemas(everything),
        },
    }


def _channels(exchanges: Mapping[Contract, str]) -> Document:
    """Return a channel for each routing key; the versions of one message share it."""
    channels: Document = {}
    for each, exchange in exchanges.items():
        key = routing_key(each.wire_type)
        binding = {"name": exchange, "type": "topic", "durable": True, "vhost": "/"}
        channel = channels.setdefault(
            key,
            {
                "address": key,
                "messages": {},
                "bindings": {"amqp": {"is": "routingKey", "exchange": binding}},
            },
        )
        channel["messages"][each.__name__] = {"$ref": f"#/components/messages/{each.__name__}"}
    return channels


def _operation(action: str, contract: Contract) -> Document:
    channel = f"#/channels/{routing_key(contract.wire_type)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{contract.__name__}"}],
    }


def _message(contract: Contract) -> Document:
    is_command = issubclass(contract, OutgoingCommand | ReceivedCommand)
    return {
        "name": contract.wire_type,
        "title": contract.__name__,
        "summary": inspect.cleandoc(contract.__doc__ or ""),
        "contentType": CLOUD_EVENT,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "data"],
            "properties": {
                "specversion": _constant("1.0"),
                "id": {"type": "string", "minLength": 1},
                "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
                "type": _constant(contract.wire_type),
                "subject": {"type": "string", "description": _SUBJECTS[is_command]},
                "time": {"type": "string", "format": "date-time"},
                "datacontenttype": _constant("application/json"),
                **({} if is_command else {"sequence": {"type": "integer", "minimum": 1}}),
                "correlationid": {"type": "string"},
                "causationid": {"type": "string"},
                "traceparent": {"type": "string"},
                "data": reference_to(contract.__name__),
            },
        },
    }


def _constant(text: str) -> Document:
    return {"type": "string", "const": text}
