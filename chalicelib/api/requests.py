"""What a request says: who asks, what it follows from, and which message it carries."""

import re
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from chalice.app import Request

from chalicelib.contracts.base import READ_ORDERS, WRITE_ORDERS, Command
from chalicelib.contracts.envelope import (
    Caller,
    CommandContext,
    correlation_id_in,
    traceparent_in,
)
from chalicelib.contracts.validation import Fault, MalformedMessage, read
from chalicelib.infrastructure.identifiers import command_id, digest_of, new_id

from .problems import RequestRefused

T = TypeVar("T")

LARGEST_BODY = 128 * 1024
LOCAL_CALLER_HEADER = "X-Local-Caller"

_CUSTOMER_SCOPES = frozenset({READ_ORDERS, WRITE_ORDERS})
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def correlation_id(request: Request) -> str:
    """Return the caller's correlation id, or a new one."""
    return correlation_id_in(request.headers.get("x-correlation-id")) or new_id()


def traceparent(request: Request) -> str | None:
    """Return the caller's trace context, if it sent a valid one."""
    return traceparent_in(request.headers.get("traceparent"))


def caller(request: Request, *, is_local: bool) -> Caller:
    """Return who asks, as the header X-Local-Caller says: a name, then scopes.

    Without scopes the caller is a customer.

    Raises:
        RequestRefused: nobody is named, or this is not the local stage.
    """
    subject, *scopes = request.headers.get(LOCAL_CALLER_HEADER.lower(), "").split() or [""]
    if not is_local or not subject:
        raise RequestRefused(
            f"Say who asks in the header {LOCAL_CALLER_HEADER} (local stage only).",
            code="caller_unknown",
            status=401,
        )
    return Caller(subject=subject, scopes=frozenset(scopes) or _CUSTOMER_SCOPES)


def context_of(
    request: Request, command: Command, asking: Caller, correlation_id: str
) -> CommandContext:
    """Return all that the handling of a command needs to know.

    Raises:
        RequestRefused: the Idempotency-Key is malformed.
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
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RequestRefused(
            f"The body is not valid JSON: {error}.", code="malformed_json", status=400
        ) from None


def _unquoted(path: dict[str, str]) -> dict[str, str]:
    """Undo the percent-encoding, which API Gateway and Chalice leave in place."""
    return {name: unquote(value) for name, value in path.items()}
