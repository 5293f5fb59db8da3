"""The problems that an operation may answer, as OpenAPI describes them."""

from collections.abc import Iterator
from typing import Any

import msgspec

from chalicelib.contracts.problem import Problem
from chalicelib.contracts.validation import Fault

from .endpoints import Operation
from .gateway import REFUSALS
from .openapi_headers import problem_headers
from .problems import TITLES

Document = dict[str, Any]

# The problems any operation may answer, and those of operations with a body or an id.
_ALWAYS = (401, 403, 422, 500, 503)
_WITH_BODY = (400, 409, 413, 415)
_WITH_ID = (404,)
_PAYMENT = (402, 502)
_WITH_PRECONDITION = (412,)

_REFUSED = REFUSALS["ACCESS_DENIED"]

EXAMPLES = {
    400: ("malformed_json", "The body is not valid JSON: Input data was truncated."),
    401: (_REFUSED.code, _REFUSED.detail),
    402: ("payment_declined", "The card was declined; choose another payment method."),
    403: ("scope_missing", "This needs the scope orders:write."),
    404: ("not_found", "There is no order 019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35."),
    409: ("rule_broken", "The order is shipped; only a placed one can be changed."),
    412: ("precondition_failed", "The order has version 4, and none that If-Match names."),
    413: ("body_too_large", "The body has 200000 bytes; at most 131072 are read."),
    415: ("unsupported_media_type", "Send the body as application/json."),
    422: ("malformed_message", "See `errors` for each field that is wrong."),
    500: (
        "internal_error",
        "Something unforeseen happened; the correlation id leads to it in the logs.",
    ),
    502: ("service_unavailable", "The payment service cannot be used now; try again."),
    503: ("store_unavailable", "The database did not answer in time; try again."),
}
"""By status, a code and a detail."""

_FAULTS = (
    Fault(pointer="/lines/0/quantity", detail="expected `int` >= 1"),
    Fault(pointer="/shipping_address/city", detail="required, but missing"),
)


def problem_answers(operation: Operation, schema: Document) -> Iterator[tuple[str, Document]]:
    """Yield the description of each problem by its status.

    Args:
        operation: what may go wrong.
        schema: of a problem.
    """
    for status in sorted(_statuses(operation)):
        content = {"schema": schema, "example": _example(status)}
        yield (
            str(status),
            {
                "description": TITLES[status],
                "headers": problem_headers(status),
                "content": {"application/problem+json": content},
            },
        )


def _statuses(operation: Operation) -> set[int]:
    statuses = set(_ALWAYS)
    if not operation.is_query:
        statuses.update(_WITH_BODY)
    if operation.path_parameters:
        statuses.update(_WITH_ID)
    if operation.path.endswith("/payment"):
        statuses.update(_PAYMENT)
    if operation.has_precondition:
        statuses.update(_WITH_PRECONDITION)
    return statuses


def _example(status: int) -> Any:  # noqa: ANN401 - JSON
    code, detail = EXAMPLES[status]
    problem = Problem(
        title=TITLES[status],
        status=status,
        detail=detail,
        code=code,
        correlation_id="shop-42",
        errors=_FAULTS if code == "malformed_message" else (),
    )
    return msgspec.to_builtins(problem)
