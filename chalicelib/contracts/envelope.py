"""What travels around a message: who sent it, and what it follows from."""

from typing import Any, Literal

from msgspec import Struct


class Caller(Struct, frozen=True):
    """Who asks.

    Attributes:
        subject: the customer's or the program's own name.
        scopes: what it may do.
    """

    subject: str
    scopes: frozenset[str]

    def may(self, scope: str | None) -> bool:
        """Tell whether a scope was granted; None asks for nothing."""
        return scope is None or scope in self.scopes


class CommandContext(Struct, frozen=True):
    """All that a command's handling needs to know beside the command.

    Attributes:
        command_id: a UUID; a repeat of the command has the same. It becomes the id of the
            aggregate that a creating command makes.
        digest: fingerprint of the command's content: the same id with another digest is misuse.
        caller: who asks.
        correlation_id: common to everything that follows from one first request.
        traceparent: the W3C trace context that the request came with.
    """

    command_id: str
    digest: str
    caller: Caller
    correlation_id: str
    traceparent: str | None = None


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event on the bus: CloudEvents 1.0, structured JSON.

    Attributes:
        id: unique; the key by which consumers recognise a repeat.
        source: the service that the event comes from.
        type: the wire type, version included.
        subject: id of the aggregate.
        time: when it happened, RFC 3339.
        sequence: number of the event in its aggregate's life, from 1, gapless.
        correlationid: common to everything that follows from one first request.
        causationid: the command that the event follows from.
        traceparent: W3C trace context, if the request had one.
        data: the integration event, by its contract.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    sequence: int
    correlationid: str
    causationid: str
    traceparent: str | None = None
    data: dict[str, Any]
