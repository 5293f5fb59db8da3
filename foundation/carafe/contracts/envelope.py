"""What travels around a message: who sent it, and what it follows from."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from carafe.domain.timers import Occurrence, Timer

from .patterns import whole

LONGEST_ATTRIBUTE = 512

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def correlation_id_in(text: str | None) -> str | None:
    """Return a correlation id that somebody sent, if it is fit for logs and headers."""
    return text if text is not None and _CORRELATION_ID.fullmatch(text) else None


def traceparent_in(text: str | None) -> str | None:
    """Return a trace context that somebody sent, if it is one (W3C Trace Context, version 00)."""
    return text if text is not None and _TRACEPARENT.fullmatch(text) else None


class Caller(Struct, frozen=True):
    """The person or program that sends a message.

    Attributes:
        subject: name of the person or program.
        scopes: what it may do.
    """

    subject: str
    scopes: frozenset[str]

    def may(self, scope: str | None) -> bool:
        """Return whether the caller has a scope; None requires no scope."""
        return scope is None or scope in self.scopes


class TimerCall(Struct):
    """A call of a timer, on its way through its handler.

    Attributes:
        aggregate_id: of the aggregate that set the timer.
        occurrence: which call it is.
        at: the present, when the call began.
        is_settled: whether the aggregate no longer has the timer, by this call or before it.
    """

    aggregate_id: str
    occurrence: Occurrence
    at: datetime
    is_settled: bool = False


class DueTimer(Struct, frozen=True):
    """What the handler of a timer gets beside the context.

    Attributes:
        aggregate_id: of the aggregate that set the timer.
        kind: which timer it is.
        key: tells several of a kind apart; empty if there is but one.
        due: when it was due.
    """

    aggregate_id: str
    kind: type[Timer]
    key: str
    due: datetime


class CommandContext(Struct, frozen=True):
    """What the handling of a command needs to know besides the command.

    Attributes:
        command_id: a UUID; a repeat of the command has the same. It becomes the id of the
            aggregate that a creating command makes.
        digest: fingerprint of the command's content: the same id with another digest is misuse.
        caller: who sends the command.
        correlation_id: common to everything that follows from one first request.
        traceparent: the W3C trace context that the request came with.
        causation_id: what the command follows from, such as an event of another service;
            None for the command itself.
        expected_versions: the aggregate is changed at one of these versions only; None for any.
        timer_call: the call of a timer that this is; None for any other command.
    """

    command_id: str
    digest: str
    caller: Caller
    correlation_id: str
    traceparent: str | None = None
    causation_id: str | None = None
    expected_versions: frozenset[int] | None = None
    timer_call: TimerCall | None = None


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
        causationid: the command, or the other service's event, that the event follows from.
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


class ReceivedEvent(Struct, frozen=True, kw_only=True):
    """An event of another service: CloudEvents 1.0, structured JSON, data as an object.

    Only what the standard demands is demanded; attributes without use here are ignored.

    Attributes:
        source: with the id, the key by which a repeat is recognised.
        id: unique within the source.
        type: the wire type, version included.
        correlationid: common to everything that follows from one first request.
        traceparent: W3C trace context.
        data: what the contract of the type says.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=LONGEST_ATTRIBUTE)]
    source: Annotated[str, Meta(min_length=1, max_length=LONGEST_ATTRIBUTE)]
    type: Annotated[str, Meta(min_length=1, max_length=LONGEST_ATTRIBUTE)]
    data: dict[str, Any]
    correlationid: str | None = None
    traceparent: str | None = None


class QueuedCommand(Struct, frozen=True, kw_only=True):
    """A command on the queue; what newer code may add beside its fields is ignored.

    Who may write to the queue may send any command in any name: the queue's access policy is
    the guard.

    Attributes:
        id: the sender's own; a repeat has the same. It is the same command as an HTTP request
            of this caller with the id as its Idempotency-Key.
        command: wire name of the command.
        subject: in whose name; the caller's subject.
        scopes: what the caller may do; by default nothing.
        data: the command, as the HTTP request's path and body make it up.
    """

    id: Annotated[str, Meta(pattern=whole(r"[\x21-\x7e]{1,255}"))]
    command: str
    subject: Annotated[str, Meta(min_length=1, max_length=LONGEST_ATTRIBUTE)]
    data: dict[str, Any]
    scopes: list[str] | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
