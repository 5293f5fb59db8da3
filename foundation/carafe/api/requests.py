"""What a request says: its caller, its correlation, and the message that it carries."""

import math
import time
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from chalice.app import MultiDict, Request

from carafe.contracts.base import Command
from carafe.contracts.envelope import (
    Caller,
    CommandContext,
    correlation_id_in,
    traceparent_in,
)
from carafe.contracts.json_values import NotJson
from carafe.contracts.validation import Fault, MalformedMessage, decode_json, read
from carafe.infrastructure.identifiers import digest_of, new_id

from .idempotency import command_id_of
from .middleware import Call
from .preconditions import expected_versions
from .problems import RequestRefused

T = TypeVar("T")

LARGEST_BODY = 128 * 1024

LARGEST_EXACT = 2**53
"""Up to here a number with a decimal point is an exact integer."""


def _number(text: str) -> int | float:
    """Read a number: for JSON Schema 2.0 is an integer as well as 2.

    Raises:
        ValueError: it is too large for a number.
    """
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is out of range")
    return int(value) if value.is_integer() and abs(value) <= LARGEST_EXACT else value


_JSON = msgspec.json.Decoder(float_hook=_number)


def correlation_id(headers: Mapping[str, Any]) -> str:
    """Return the caller's correlation id, or a new one.

    Args:
        headers: of the request, their names in any case.
    """
    return correlation_id_in(headers.get("x-correlation-id")) or new_id()


def traceparent(headers: Mapping[str, Any]) -> str | None:
    """Return the caller's trace context, if it sent a valid one; header names are in any case."""
    return traceparent_in(headers.get("traceparent"))


def caller_of(request: Request) -> Caller:
    """Return the caller that the authorizer found; nothing else in a request is believed.

    Raises:
        RequestRefused: no authorizer let the request in, or its token has expired since: an
            authorizer's answer is kept for a while.
    """
    grant = request.context.get("authorizer") or {}
    subject, scopes = grant.get("subject"), grant.get("scopes")
    if not subject or scopes is None or int(grant.get("expires_at", 0)) <= time.time():
        raise RequestRefused(
            "Send an access token that is still valid, as `Authorization: Bearer …`.",
            code="token_refused",
            status=401,
        )
    return Caller(subject=subject, scopes=frozenset(scopes.split()))


def context_of(call: Call, command: Command, caller: Caller) -> CommandContext:
    """Return the context in which a command is handled.

    Raises:
        RequestRefused: Idempotency-Key or If-Match is malformed.
    """
    headers = call.request.headers
    return CommandContext(
        command_id=command_id_of(headers.get("idempotency-key"), caller.subject),
        digest=digest_of(command.wire_name, command),
        caller=caller,
        correlation_id=call.correlation_id,
        traceparent=call.traceparent,
        expected_versions=expected_versions(headers.get("if-match")),
    )


def command_of(request: Request, contract: type[T], path: dict[str, str]) -> T:
    """Return the command that body and path make up.

    Raises:
        RequestRefused: the body is too large or no JSON.
        MalformedMessage: a field is wrong, or stands more than once.
    """
    _require_json(request)
    values = _json(request.raw_body)
    if not isinstance(values, dict):
        raise MalformedMessage([Fault(pointer="", detail="must be a JSON object")])
    repeated = [
        Fault(pointer=f"/{name}", detail="unknown field") for name in path if name in values
    ]
    if repeated:
        raise MalformedMessage(repeated)
    return read(contract, values | _unquoted(path))


def query_of(request: Request, contract: type[T], path: dict[str, str]) -> T:
    """Return the query that path and query string make up.

    Raises:
        MalformedMessage: a parameter is wrong.
    """
    parameters = request.query_params or MultiDict({})
    query: dict[str, str] = dict(parameters.items())
    faults = [Fault(pointer=f"/{name}", detail="unknown field") for name in path if name in query]
    # Read as text, null would be no value at all: the field would silently not count.
    faults += [
        Fault(pointer=f"/{name}", detail="null is no value here; leave the parameter out")
        for name, value in query.items()
        if value.lower() == "null"
    ]
    faults += [
        Fault(pointer=f"/{name}", detail="stands more than once")
        for name in query
        if len(parameters.getlist(name)) > 1
    ]
    if faults:
        raise MalformedMessage(faults)
    return read(contract, query | _unquoted(path), from_text=True)


def _require_json(request: Request) -> None:
    media_type = str(request.headers.get("content-type", "application/json")).partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise RequestRefused(
            "Send the body as application/json.", code="unsupported_media_type", status=415
        )
    if str(request.headers.get("content-encoding", "identity")).strip().lower() != "identity":
        raise RequestRefused(
            "Send the body without Content-Encoding.",
            code="unsupported_content_encoding",
            status=415,
        )


def _json(body: bytes | str) -> Any:  # noqa: ANN401 - any JSON
    if len(body) > LARGEST_BODY:
        raise RequestRefused(
            f"The body has {len(body)} bytes; at most {LARGEST_BODY} are read.",
            code="body_too_large",
            status=413,
        )
    if not body.strip():
        return {}
    try:
        return decode_json(body, _JSON)
    except NotJson as error:
        raise RequestRefused(
            f"The body is not valid JSON: {error}.", code="malformed_json", status=400
        ) from None


def _unquoted(path: dict[str, str]) -> dict[str, str]:
    """Undo the percent-encoding, which API Gateway and Chalice leave in place."""
    return {name: unquote(value) for name, value in path.items()}
