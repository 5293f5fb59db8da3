"""Errors as problem details (RFC 9457): one table maps them to HTTP."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping

import msgspec
from chalice.app import Request, Response

from chalicelib.contracts.problem import Problem
from chalicelib.contracts.validation import Fault, MalformedMessage
from chalicelib.domain.errors import (
    AlreadyExists,
    InvalidValue,
    NotFound,
    RuleBroken,
    StaleVersion,
)
from chalicelib.domain.payments import PaymentDeclined
from chalicelib.infrastructure.cqrs.mediator import ScopeMissing
from chalicelib.infrastructure.errors import (
    BusUnavailable,
    CommandMismatch,
    DocumentTooNew,
    EventTooLarge,
    IssuerUnavailable,
    OutboxFull,
    PreconditionFailed,
    SecretsUnavailable,
    ServiceUnavailable,
    StoreUnavailable,
    TokenRefused,
)

log = logging.getLogger(__name__)

View = Callable[[Request, dict[str, str], str], Response]

RETRY_AFTER_SECONDS = 5


class RequestRefused(Exception):
    """A request that is wrong before it means anything.

    Args:
        message: what to do about it.
        code: stable name of the refusal.
        status: of the answer.
    """

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


STATUSES: Mapping[type[Exception], int] = {
    MalformedMessage: 422,
    InvalidValue: 422,
    CommandMismatch: 422,
    EventTooLarge: 422,
    TokenRefused: 401,
    PaymentDeclined: 402,
    ScopeMissing: 403,
    NotFound: 404,
    RuleBroken: 409,
    AlreadyExists: 409,
    StaleVersion: 409,
    PreconditionFailed: 412,
    ServiceUnavailable: 502,
    OutboxFull: 503,
    StoreUnavailable: 503,
    DocumentTooNew: 503,
    BusUnavailable: 503,
    IssuerUnavailable: 503,
    SecretsUnavailable: 503,
}

TITLES = {
    400: "The request cannot be read",
    401: "The caller is not known",
    402: "The payment was declined",
    403: "The caller may not do this",
    404: "There is no such thing",
    405: "This cannot be done here",
    409: "The state does not allow this",
    412: "The state is not the expected one",
    413: "The request is too large",
    415: "The request is of another media type",
    422: "The request is not right",
    500: "The service failed",
    502: "A service behind this one failed",
    503: "The service cannot work now",
}


def answering_problems(view: View) -> View:
    """Let a view answer its errors.

    Chalice turns a plain exception into an answer of its own before any middleware sees it,
    so that this stands directly around the view.
    """

    def answer(request: Request, parameters: dict[str, str], correlation_id: str) -> Response:
        try:
            return view(request, parameters, correlation_id)
        except Exception as error:  # noqa: BLE001 - answered, and logged where it is unexpected
            return response_to(problem_of(error, correlation_id))

    return answer


def response_to(problem: Problem) -> Response:
    """Return a problem as an answer."""
    headers: dict[str, str | list[str]] = {"Content-Type": "application/problem+json"}
    if problem.status == 503:  # noqa: PLR2004 - HTTP's own number
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if problem.status == 401:  # noqa: PLR2004 - the same
        headers["WWW-Authenticate"] = "Bearer"
    body = msgspec.json.encode(problem).decode()
    return Response(body=body, status_code=problem.status, headers=headers)


def problem_of(error: Exception, correlation_id: str) -> Problem:
    """Return what to tell about an error; nothing of the inside when it was not foreseen."""
    for known in _causes(error):
        status = known.status if isinstance(known, RequestRefused) else _status(known)
        if status is not None:
            return Problem(
                title=TITLES[status],
                status=status,
                detail=_detail(known),
                code=str(getattr(known, "code", "malformed_message")),
                correlation_id=correlation_id,
                errors=_faults(known),
            )
    # The place, but not the message, which may quote what the caller sent.
    place = traceback.format_tb(error.__traceback__)
    log.error("unforeseen error", extra={"error": type(error).__name__, "place": place})
    return Problem(
        title=TITLES[500],
        status=500,
        detail="Something unforeseen happened; the correlation id leads to it in the logs.",
        code="internal_error",
        correlation_id=correlation_id,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, then what it was raised from: a known error may come wrapped."""
    while error is not None:
        yield error
        error = error.__cause__


def _status(error: BaseException) -> int | None:
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), None)


def _detail(error: BaseException) -> str:
    if isinstance(error, MalformedMessage):
        return "See `errors` for each field that is wrong."
    return str(getattr(error, "message", error))


def _faults(error: BaseException) -> tuple[Fault, ...]:
    if isinstance(error, MalformedMessage):
        return tuple(error.faults)
    if isinstance(error, InvalidValue):
        return (Fault(pointer=f"/{error.field}", detail=error.reason),)
    return ()
