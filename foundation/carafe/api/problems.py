"""Errors as problem details (RFC 9457): one table maps them to HTTP."""

import logging
import traceback
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from chalice.app import Response

from carafe.contracts.problem import Problem, ProblemType
from carafe.contracts.validation import Fault, MalformedMessage
from carafe.domain.errors import (
    AlreadyExists,
    InvalidValue,
    NotFound,
    RuleBroken,
    StaleVersion,
)
from carafe.infrastructure.cqrs.middleware.scope import ScopeMissing
from carafe.infrastructure.errors import (
    BusUnavailable,
    CommandMismatch,
    DocumentTooNew,
    DocumentUnreadable,
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

RETRY_AFTER_SECONDS = 5

FIRST_OF_OURS = 500
"""The first status that says that the service failed, not the caller: operators look for it."""

NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}
"""The header that keeps browsers from guessing another content type."""


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
    ScopeMissing: 403,
    NotFound: 404,
    RuleBroken: 409,
    AlreadyExists: 409,
    StaleVersion: 409,
    PreconditionFailed: 412,
    DocumentUnreadable: 500,
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
"""By status."""

EXAMPLES = {
    400: "The body is not valid JSON: Input data was truncated.",
    401: "The access token is malformed, expired, or not for this service; get a new one.",
    403: "This needs another scope.",
    404: "There is nothing with the id 019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35.",
    409: "What is there does not allow this; read it again.",
    412: "This is version 4 and no version that If-Match names; read it again and decide anew.",
    413: "The body has 200000 bytes; at most 131072 are read.",
    415: "Send the body as application/json.",
    422: "See `errors` for each field that is wrong.",
    500: "Something unforeseen happened; the correlation id leads to it in the logs.",
    502: "A service behind this one cannot be used now; try again.",
    503: "The database did not answer in time; try again.",
}
"""Details by status, as documents show them."""


def response_to(problem: Problem) -> Response:
    """Return a problem as an answer."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": "application/problem+json",
        **NO_SNIFFING,
    }
    if problem.status == 503:  # noqa: PLR2004 - HTTP's own number
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if problem.status == 401:  # noqa: PLR2004 - the same
        headers["WWW-Authenticate"] = "Bearer"
    body = msgspec.json.encode(problem).decode()
    return Response(body=body, status_code=problem.status, headers=headers)


class Problems:
    """Turns errors into problems.

    Args:
        own: the service's, beside those that every service has.
    """

    def __init__(self, own: Sequence[ProblemType] = ()) -> None:
        self._own = {each.error: each for each in own}

    def type_of(self, error: type[BaseException]) -> ProblemType | None:
        """Return how an error is answered; None if it was not foreseen."""
        for kind in error.__mro__:
            if kind in self._own:
                return self._own[kind]
            if kind in STATUSES:
                status = STATUSES[kind]
                return ProblemType(kind, status, TITLES[status], EXAMPLES[status])
        return None

    def of(self, error: Exception, correlation_id: str) -> Problem:
        """Return what to tell about an error; nothing of the inside when it was not foreseen."""
        for known in _causes(error):
            status, title = self._answer(known)
            if status is not None:
                if status >= FIRST_OF_OURS:
                    log.warning("problem", extra={"code": _code(known), "status": status})
                return Problem(
                    title=title,
                    status=status,
                    detail=_detail(known),
                    code=_code(known),
                    correlation_id=correlation_id,
                    errors=_faults(known),
                )
        # The place, but not the message, which may quote what the caller sent.
        place = traceback.format_tb(error.__traceback__)
        log.error("unforeseen error", extra={"error": type(error).__name__, "place": place})
        return Problem(
            title=TITLES[500],
            status=500,
            detail=EXAMPLES[500],
            code="internal_error",
            correlation_id=correlation_id,
        )

    def _answer(self, error: BaseException) -> tuple[int | None, str]:
        if isinstance(error, RequestRefused):
            return error.status, TITLES[error.status]
        known = self.type_of(type(error))
        return (None, "") if known is None else (known.status, known.title)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, then what it was raised from: a known error may come wrapped."""
    while error is not None:
        yield error
        error = error.__cause__


def _code(error: BaseException) -> str:
    if isinstance(error, MalformedMessage):
        return "malformed_message"
    return str(getattr(error, "code", "error"))


def _detail(error: BaseException) -> str:
    if isinstance(error, MalformedMessage):
        return EXAMPLES[422]
    return str(getattr(error, "message", error))


def _faults(error: BaseException) -> tuple[Fault, ...]:
    if isinstance(error, MalformedMessage):
        return tuple(error.faults)
    if isinstance(error, InvalidValue):
        return (Fault(pointer=f"/{error.field}", detail=error.reason),)
    return ()
