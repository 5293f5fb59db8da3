"""HTTP to services of others, in JSON.

What makes calls safe stands in `carafe.client.transport`, which the service's
own client uses as well; this says what a call to a stranger means to this service.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from carafe.client.errors import Answer, NoAnswer
from carafe.client.http_connections import Request
from carafe.client.limits import Limits
from carafe.client.reading import Unreadable, decode
from carafe.client.transport import IDEMPOTENCY_KEY, Transport
from carafe.contracts.correlation import correlation_headers
from carafe.infrastructure.errors import ServiceUnavailable

T = TypeVar("T")

# All within the time that a request to this service may take: see the ladder in bootstrap.
LIMITS = Limits(answer_bytes=64 * 1024)


class HttpClient:
    """Speaks JSON with one service; made once and kept for warm invocations.

    Args:
        base_url: in front of every path.
        service: how errors name the service.
        limits: what a call may take.
    """

    def __init__(self, base_url: str, service: str, limits: Limits = LIMITS) -> None:
        self._service = service
        self._transport = Transport(base_url, service, limits)

    def send(
        self,
        method: str,
        path: str,
        answers: Mapping[int, type[T]],
        *,
        body: object = None,
        idempotency_key: str | None = None,
    ) -> T:
        """Send a request and return its answer.

        Args:
            method: GET, POST, PUT or DELETE.
            path: below the service's address.
            answers: the type of the answer for each status that makes sense.
            body: goes as JSON; None for none.
            idempotency_key: makes a POST safe to repeat, where the service honours it.

        Raises:
            ServiceUnavailable: refused, too slow, a server error, or an answer that is none
                of those; what the service did is unknown.
        """
        headers = {"Accept": "application/json", **correlation_headers()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            headers[IDEMPOTENCY_KEY] = idempotency_key
        sent = None if body is None else msgspec.json.encode(body)
        request = Request(method, path, sent, headers)
        try:
            return self._transport.send(request, lambda answer: self._read(answer, answers))
        except NoAnswer as failure:
            raise ServiceUnavailable(str(failure)) from failure

    def close(self) -> None:
        """Close the kept connections."""
        self._transport.close()

    def _read(self, answer: Answer, answers: Mapping[int, type[T]]) -> T:
        if answer.status not in answers:
            raise NoAnswer(self._service, f"status {answer.status}", lasting=True)
        try:
            return decode(answer.body, answers[answer.status])
        except Unreadable as error:
            reason = f"status {answer.status} with an answer that makes no sense"
            raise NoAnswer(self._service, reason) from error
