"""What can go wrong between a client and a service.

ClientError
├── NoAnswer                    refused, too slow, cut off, unreadable, or not even asked
├── EventUnreadable             an event does not fit its contract
└── ProblemReceived             the service answered with a problem (RFC 9457)
    ├── NotAuthenticated        401
    ├── NotAllowed              403
    ├── NotFound                404
    ├── Conflict                409
    ├── PreconditionFailed      412: the version given as `if_match` is not the newest
    └── RequestInvalid          422
"""

from collections.abc import Mapping
from dataclasses import dataclass

from carafe.contracts.problem import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes:
        status: HTTP's.
        headers: by name, in any case.
        body: as it came, uncompressed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class ClientError(Exception):
    """A call or an event failed; messages hold no address, token or body."""


class NoAnswer(ClientError):
    """The service gave no answer that makes sense; whether it acted is unknown.

    Args:
        service: how the message names it.
        reason: what went wrong, without address and body.
        sent: the service may have got the request.
        lasting: a repeat would be no help.
        answer: what came, if anything did.
    """

    def __init__(
        self,
        service: str,
        reason: str,
        *,
        sent: bool = True,
        lasting: bool = False,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(f"The {service} failed ({reason}); try again.")
        self.reason = reason
        self.sent = sent
        self.lasting = lasting
        self.answer = answer


class EventUnreadable(ClientError):
    """An event does not fit its contract, or is of a type or version that nobody expects."""


class ProblemReceived(ClientError):
    """The service answered with a problem.

    Args:
        problem: with `status`, stable `code`, `detail`, and `errors` by field.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}")
        self.problem = problem

    @property
    def status(self) -> int:
        """Of the answer."""
        return self.problem.status

    @property
    def code(self) -> str:
        """The problem's stable name."""
        return self.problem.code


class NotAuthenticated(ProblemReceived):
    """The service does not know the caller: its token is missing, wrong or expired."""


class NotAllowed(ProblemReceived):
    """The caller's token lacks the scope."""


class NotFound(ProblemReceived):
    """There is no such thing, or none that the caller may see."""


class Conflict(ProblemReceived):
    """The state does not allow it."""


class PreconditionFailed(ProblemReceived):
    """Somebody else changed it first; read it again."""


class RequestInvalid(ProblemReceived):
    """The request is not right; `problem.errors` names each field."""


_BY_STATUS: Mapping[int, type[ProblemReceived]] = {
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    422: RequestInvalid,
}


def error_of(problem: Problem) -> ProblemReceived:
    """Return the exception that stands for a problem."""
    return _BY_STATUS.get(problem.status, ProblemReceived)(problem)
