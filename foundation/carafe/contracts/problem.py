"""How the service says that something went wrong: problem details (RFC 9457)."""

from msgspec import Struct

from .base import Contract
from .validation import Fault


class Problem(Contract, frozen=True, omit_defaults=True):
    """What went wrong, for programs and people.

    Attributes:
        type: `about:blank`: the status and `code` say it all.
        title: the kind of problem, by status.
        status: of the answer.
        detail: what went wrong this time, and what to do.
        code: stable name for programs.
        correlation_id: to find the request in the logs.
        errors: each field that is wrong.
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
        example: a detail, as the documents show it.
    """

    error: type[Exception]
    status: int
    title: str
    example: str
