"""The AsyncAPI 3.0 document: the events that the service publishes and consumes.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.infrastructure.declaration import Declaration
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.event_bus.port import CLOUD_EVENT

from .schemas import component_schemas, reference_to

Document = dict[str, Any]


def asyncapi_of(service: Declaration[Any], name: str) -> Document:
    """Return the document of a service.

    Args:
        service: as it is declared.
        name: by which it is known on the broker.
    """
    published = tuple(service.published.values())
    return asyncapi_document(name, service.version, published, service.subscribed)


def asyncapi_document(
    service: str,
    version: str,
    published: Sequence[type[IntegrationEvent]],
    subscribed: Sequence[type[IntegrationEvent]],
) -> Document:
    """Return the document.

    Args:
        service: whose events these are.
        version: of the service.
        published: the contracts of its own events.
        subscribed: the contracts of other services' events, as far as it reads them.
    """
    everything = [*published, *subscribed]
    exchanges = dict.fromkeys(published, events_exchange(service))
    exchanges |= {each: events_exchange(each.publisher()) for each in subscribed}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"{service} events", "version": version},
        "defaultContentType": CLOUD_EVENT,
        "channels": _channels(exchanges),
        "operations": {
            **{f"publish.{each.wire_type}": _operation("send", each) for each in published},
            **{f"consume.{each.wire_type}": _operation("receive", each) for each in subscribed},
        },
        "components": {
            "messages": {each.__name__: _message(each) for each in everything},
            "schemas": component_schemas(everything),
        },
    }


def _channels(exchanges: Mapping[type[IntegrationEvent], str]) -> Document:
    """Return a channel for each routing key; the versions of one event share it."""
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


def _operation(action: str, contract: type[IntegrationEvent]) -> Document:
    channel = f"#/channels/{routing_key(contract.wire_type)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{contract.__name__}"}],
    }


def _message(contract: type[IntegrationEvent]) -> Document:
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
                "subject": {"type": "string", "description": "id of the aggregate"},
                "time": {"type": "string", "format": "date-time"},
                "datacontenttype": _constant("application/json"),
                "sequence": {"type": "integer", "minimum": 1},
                "correlationid": {"type": "string"},
                "causationid": {"type": "string"},
                "traceparent": {"type": "string"},
                "data": reference_to(contract.__name__),
            },
        },
    }


def _constant(text: str) -> Document:
    return {"type": "string", "const": text}
