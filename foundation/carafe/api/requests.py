"""What a request says: who asks, what it follows from, and which message it carries."""

import re
import time
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from chalice.app import Request

from carafe.contracts.base import Command
from carafe.contracts.envelope import (
    Caller,
    CommandContext,
    correlation_id_in,
    traceparent_in,
)
from carafe.contracts.validation import Fault, MalformedMessage, read
from carafe.infrastructure.identifiers import command_id, digest_of, new_id

from .preconditions import expected_versions
from .problems import RequestRefused

T = TypeVar("T")

LARGEST_BODY = 128 * 1024


def _number(text: str) -> int | float:
    """Read a number: for JSON Schema 2.0 is an integer as well as 2."""
    value = float(text)
    return int(value) if value.is_integer() else value


_JSON = msgspec.json.Decoder(float_hook=_number)

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def correlation_id(headers: Mapping[str, Any]) -> str:
    """Return the caller's correlation id, or a new one.

    Args:
        headers: of the request, their names in any case.
    """
    return correlation_id_in(headers.get("x-correlation-id")) or new_id()


def traceparent(request: Request) -> str | None:
    """Return the caller's trace context, if it sent a valid one."""
    return traceparent_in(request.headers.get("traceparent"))


def caller(request: Request) -> Caller:
    """Return who asks, as the authorizer found out; nothing else in a request is believed.

    Raises:
        RequestRefused: no authorizer let the request in, or its token has expired since: an
            authorizer's answer is kept for a while.
    """
    granted = request.context.get("authorizer") or {}
    subject, scopes = granted.get("subject"), granted.get("scopes")
    if not subject or scopes is None or int(granted.get("expires_at", 0)) <= time.time():
        raise RequestRefused(
            "Send an access token that is still valid, as `Authorization: Bearer …`.",
            code="token_refused",
            status=401,
        )
    return Caller(subject=subject, scopes=frozenset(scopes.split()))


def context_of(
    request: Request, command: Command, asking: Caller, correlation_id: str
) -> CommandContext:
    """Return all that the handling of a command needs to know.

    Raises:
        RequestRefused: Idempotency-Key or If-Match is malformed.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise RequestRefused(
            "Idempotency-Key must be 1 to 255 visible ASCII characters.",
            code="malformed_idempotency_key",
            status=400,
        )
    return CommandContext(
        command_id=new_id() if key is None else command_id(asking.subject, key),
        digest=digest_of(command.wire_name, command),
        caller=asking,
        correlation_id=correlation_id,
        traceparent=traceparent(request),
        expected_versions=expected_versions(request.headers.get("if-match")),
    )


def command_of(request: Request, kind: type[T], path: dict[str, str]) -> T:
    """Return the command that body and path make up.

    Raises:
        RequestRefused: the body is too large or no JSON.
        MalformedMessage: a field is wrong.
    """
    _require_json(request)
    values = _json(request.raw_body)
    if not isinstance(values, dict):
        raise MalformedMessage([Fault(pointer="", detail="must be a JSON object")])
    twice = [Fault(pointer=f"/{name}", detail="unknown field") for name in path if name in values]
    if twice:
        raise MalformedMessage(twice)
    return read(kind, values | _unquoted(path))


def query_of(request: Request, kind: type[T], path: dict[str, str]) -> T:
    """Return the query that path and query string make up.

    Raises:
        MalformedMessage: a parameter is wrong.
    """
    given: dict[str, str] = dict((request.query_params or {}).items())
    faults = [Fault(pointer=f"/{name}", detail="unknown field") for name in path if name in given]
    # Read as text, this would be nothing at all: the field would silently not count.
    faults += [
        Fault(pointer=f"/{name}", detail="null is no value here; leave the parameter out")
        for name, value in given.items()
        if value.lower() == "null"
    ]
    if faults:
        raise MalformedMessage(faults)
    return read(kind, given | _unquoted(path), from_text=True)


def _require_json(request: Request) -> None:
    kind = str(request.headers.get("content-type", "application/json")).partition(";")[0].strip()
    if kind.lower() != "application/json":
        raise RequestRefused(
            "Send the body as application/json.", code="unsupported_media_type", status=415
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
        return _JSON.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RequestRefused(
            f"The body is not valid JSON: {error}.", code="malformed_json", status=400
        ) from None


def _unquoted(path: dict[str, str]) -> dict[str, str]:
    """Undo the percent-encoding, which API Gateway and Chalice leave in place."""
    return {name: unquote(value) for name, value in path.items()}
