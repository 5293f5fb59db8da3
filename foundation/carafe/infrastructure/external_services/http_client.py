"""JSON over HTTP to external services.

Deadlines, retries and the circuit breaker are those of `carafe.client.transport`, which typed
clients use as well; here every failure becomes a ServiceUnavailable.
"""

from collections.abc import Mapping
from typing import TypeVar

from carafe.client.errors import Answer, NoAnswer
from carafe.client.json_calls import decode_answer, json_request
from carafe.client.limits import Limits
from carafe.client.transport import IDEMPOTENCY_KEY, Transport
from carafe.infrastructure.errors import ServiceUnavailable

T = TypeVar("T")

# Within the time that a request may take: see the timeouts in `infrastructure.container`.
LIMITS = Limits(answer_bytes=64 * 1024)


class HttpClient:
    """Sends JSON to one service; reuse it across warm invocations.

    Args:
        base_url: prefix of every path.
        service: its name in errors.
        limits: for each call.
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
            answers: the type of the answer for each expected status.
            body: sent as JSON; None for no body.
            idempotency_key: makes a POST safe to retry, if the service honours it.

        Raises:
            ServiceUnavailable: refused, too slow, a server error, or an unexpected answer;
                whether the service acted is unknown.
        """
        headers = {} if idempotency_key is None else {IDEMPOTENCY_KEY: idempotency_key}
        request = json_request(method, path, body, headers)
        try:
            return self._transport.send(request, lambda answer: self._read(answer, answers))
        except NoAnswer as failure:
            raise ServiceUnavailable(str(failure)) from failure

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _read(self, answer: Answer, answers: Mapping[int, type[T]]) -> T:
        if answer.status not in answers:
            raise NoAnswer(self._service, f"status {answer.status}", permanent=True)
        return decode_answer(answer, answers[answer.status], self._service)
