"""Problem details (RFC 9457): how the service reports an error."""

from msgspec import Struct

from .base import Contract
from .validation import Fault


class Problem(Contract, frozen=True, omit_defaults=True):
    """What went wrong, for programs and people.

    Attributes:
        type: `about:blank`, since status and `code` say it all.
        title: the kind of problem, by status.
        status: of the answer.
        detail: what went wrong this time, and what to do.
        code: stable name for programs.
        correlation_id: to find the request in the logs.
        errors: the faulty fields.
    """

    title: str
    status: int
    detail: str
    code: str
    correlation_id: str
    type: str = "about:blank"
    errors: tuple[Fault, ...] = ()


class ProblemType(Struct, frozen=True):
    """How HTTP answers one of a service's own errors.

    Attributes:
        error: the error; its `code` is the problem's.
        status: of the answer, 400 to 599.
        title: the kind of problem, the same for each.
        example: a sample `detail` for the API documents.
    """

    error: type[Exception]
    status: int
    title: str
    example: str
