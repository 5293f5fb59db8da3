"""The problems that an operation may answer, as OpenAPI describes them."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from carafe.contracts.problem import Problem
from carafe.contracts.validation import Fault
from carafe.infrastructure.errors import ServiceUnavailable

from .endpoints import Operation
from .gateway import REFUSALS
from .openapi_headers import problem_headers
from .problems import EXAMPLES, TITLES, Problems

Document = dict[str, Any]

# The problems any operation may answer, and those of operations with a body or an id.
_ALWAYS = (401, 403, 422, 500, 503)
_WITH_BODY = (400, 409, 413, 415)
_WITH_ID = (404,)
_WITH_PRECONDITION = (412,)

CODES = {
    400: "malformed_json",
    401: REFUSALS["ACCESS_DENIED"].code,
    403: "scope_missing",
    404: "not_found",
    409: "rule_broken",
    412: "precondition_failed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "malformed_message",
    500: "internal_error",
    502: ServiceUnavailable.code,
    503: "store_unavailable",
}
"""By status, the code that examples show."""


class Shown(Struct, frozen=True):
    """How a problem is shown: its title, and an example's code and detail."""

    title: str
    code: str
    detail: str
    errors: tuple[Fault, ...] = ()


def problem_answers(
    operation: Operation, problems: Problems, schema: Document
) -> Iterator[tuple[str, Document]]:
    """Yield the description of each problem by its status.

    Args:
        operation: what may go wrong.
        problems: how errors are answered.
        schema: of a problem.
    """
    for status, shown in sorted(_shown(operation, problems).items()):
        example = Problem(
            title=shown.title,
            status=status,
            detail=shown.detail,
            code=shown.code,
            correlation_id="request-42",
            errors=shown.errors,
        )
        content = {"schema": schema, "example": msgspec.to_builtins(example)}
        yield (
            str(status),
            {
                "description": shown.title,
                "headers": problem_headers(status),
                "content": {"application/problem+json": content},
            },
        )


def _shown(operation: Operation, problems: Problems) -> dict[int, Shown]:
    """Return every problem of an operation, its own in place of a usual one of that status."""
    every = {status: _usual(status, operation) for status in _usual_statuses(operation)}
    for error in operation.problems:
        kind = problems.type_of(error)
        if kind is None:
            raise ValueError(f"{operation.path} declares {error.__name__}, which nobody answers")
        every[kind.status] = Shown(kind.title, str(getattr(error, "code", "")), kind.example)
    return every


def _usual(status: int, operation: Operation) -> Shown:
    detail = EXAMPLES[status]
    if status == 403 and operation.message.scope is not None:  # noqa: PLR2004 - HTTP's own number
        detail = f"This needs the scope {operation.message.scope}."
    errors = _faults(operation) if status == 422 else ()  # noqa: PLR2004 - the same
    return Shown(TITLES[status], CODES[status], detail, errors)


def _usual_statuses(operation: Operation) -> set[int]:
    statuses = set(_ALWAYS)
    if not operation.is_query:
        statuses.update(_WITH_BODY)
    if operation.path_parameters:
        statuses.update(_WITH_ID)
    if operation.has_precondition:
        statuses.update(_WITH_PRECONDITION)
    return statuses


def _faults(operation: Operation) -> tuple[Fault, ...]:
    """Return a fault that a request may have: the lack of what it demands, or a stranger."""
    required = [each.name for each in msgspec.structs.fields(operation.message) if each.required]
    if required:
        return (Fault(pointer=f"/{required[0]}", detail="required, but missing"),)
    return (Fault(pointer="/nonsense", detail="unknown field"),)
