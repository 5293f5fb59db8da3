"""What can go wrong between a client and a service.

ClientError
├── NoAnswer                    refused, too slow, cut off, unreadable, or not called at all
├── EventUnreadable             an event does not fit its contract
├── SubscriptionLost            the bus delivers no more events: subscribe anew
└── ProblemReceived             the service answered with a problem (RFC 9457)
    ├── NotAuthenticated        401
    ├── NotAllowed              403
    ├── NotFound                404
    ├── Conflict                409
    ├── PreconditionFailed      412: `if_match` is not the current version
    └── RequestInvalid          422
"""

from collections.abc import Mapping
from dataclasses import dataclass

from carafe.contracts.problem import Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes:
        status: the HTTP status.
        headers: by name, case-insensitive.
        body: after decompression.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class ClientError(Exception):
    """A call or an event failed; messages hold no address, token or body."""


class NoAnswer(ClientError):
    """The service gave no usable answer; whether it acted is unknown.

    Args:
        service: its name for the message.
        reason: what went wrong, without address and body.
        sent: whether the service may have received the request.
        permanent: whether a repeat would fail the same way.
        answer: what the service answered, if anything.
    """

    def __init__(
        self,
        service: str,
        reason: str,
        *,
        sent: bool = True,
        permanent: bool = False,
        answer: Answer | None = None,
    ) -> None:
        super().__init__(f"The {service} failed ({reason}); try again.")
        self.reason = reason
        self.sent = sent
        self.permanent = permanent
        self.answer = answer


class EventUnreadable(ClientError):
    """An event does not fit its contract, or no handler expects its type or version."""


class SubscriptionLost(ClientError):
    """The queue was deleted, or the connection to the bus is lost; subscribe anew.

    Events that were not settled are delivered again, possibly after later ones.
    """


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
        """The HTTP status of the answer."""
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
    """The resource does not exist, or the caller may not see it."""


class Conflict(ProblemReceived):
    """The current state does not allow the request."""


class PreconditionFailed(ProblemReceived):
    """The resource has changed since it was read; read it again."""


class RequestInvalid(ProblemReceived):
    """The request is invalid; `problem.errors` names the faulty fields."""


_BY_STATUS: Mapping[int, type[ProblemReceived]] = {
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    422: RequestInvalid,
}


def error_of(problem: Problem) -> ProblemReceived:
    """Return the exception for a problem."""
    return _BY_STATUS.get(problem.status, ProblemReceived)(problem)
