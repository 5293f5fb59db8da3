"""The AsyncAPI 3.0 document: the events that the service publishes, from their contracts."""

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.contracts.integration_events import PUBLISHED, IntegrationEvent, routing_key
from chalicelib.domain.model import DomainEvent
from chalicelib.infrastructure.cqrs.buses.names import events_exchange

Document = dict[str, Any]

_REF = "#/components/schemas/{name}"


def asyncapi_document(
    service: str,
    version: str,
    published: Mapping[type[DomainEvent], type[IntegrationEvent]] = PUBLISHED,
) -> Document:
    """Return the document.

    Args:
        service: whose events these are.
        version: of the service.
        published: the contract of each event.
    """
    contracts = list(published.values())
    _, schemas = msgspec.json.schema_components(contracts, ref_template=_REF)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"{service} events", "version": version},
        "defaultContentType": "application/cloudevents+json",
        "channels": {_channel_name(each): _channel(each, service) for each in contracts},
        "operations": {
            f"publish.{_channel_name(each)}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{_channel_name(each)}"},
            }
            for each in contracts
        },
        "components": {
            "messages": {each.__name__: _message(each) for each in contracts},
            "schemas": schemas,
        },
    }


def _channel_name(contract: type[IntegrationEvent]) -> str:
    return routing_key(contract.wire_type)


def _channel(contract: type[IntegrationEvent], service: str) -> Document:
    exchange = {"name": events_exchange(service), "type": "topic", "durable": True}
    return {
        "address": routing_key(contract.wire_type),
        "messages": {
            contract.__name__: {"$ref": f"#/components/messages/{contract.__name__}"},
        },
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange}},
    }


def _message(contract: type[IntegrationEvent]) -> Document:
    return {
        "name": contract.wire_type,
        "summary": (contract.__doc__ or "").strip(),
        "contentType": "application/cloudevents+json",
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type", "subject", "sequence", "data"],
            "properties": {
                "specversion": {"const": "1.0"},
                "id": {"type": "string"},
                "source": {"type": "string"},
                "type": {"const": contract.wire_type},
                "subject": {"type": "string", "description": "id of the aggregate"},
                "time": {"type": "string", "format": "date-time"},
                "sequence": {"type": "integer", "minimum": 1},
                "correlationid": {"type": "string"},
                "causationid": {"type": "string"},
                "traceparent": {"type": "string"},
                "data": {"$ref": _REF.format(name=contract.__name__)},
            },
        },
    }
