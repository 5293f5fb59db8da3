"""JSON over HTTP to external services.

Deadlines, retries and the circuit breaker are those of `carafe.client.transport`, which typed
clients use as well; here every failure becomes a ServiceUnavailable.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeVar
from urllib.parse import quote

from carafe.client.errors import Answer, NoAnswer
from carafe.client.json_calls import decode_answer, json_request
from carafe.client.limits import Limits
from carafe.client.transport import IDEMPOTENCY_KEY, Transport
from carafe.domain.errors import DomainError, InvalidValue
from carafe.infrastructure.errors import ServiceUnavailable

T = TypeVar("T")

# Within the time that a request may take: see the timeouts in `infrastructure.container`.
LIMITS = Limits(answer_bytes=64 * 1024)

NO_REFUSALS: Mapping[int, Callable[[], DomainError]] = {}

_PATH_PARAMETER = re.compile(r"{(\w+)}")

# Of a path, an empty part and dots mean another resource than the one that is asked for.
_NO_SEGMENTS = ("", ".", "..")


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

    def send(  # noqa: PLR0913 - most have defaults
        self,
        method: str,
        path: str,
        answers: Mapping[int, type[T]],
        *,
        body: object = None,
        idempotency_key: str | None = None,
        refusals: Mapping[int, Callable[[], DomainError]] = NO_REFUSALS,
    ) -> T:
        """Send a request and return its answer.

        Args:
            method: GET, POST, PUT or DELETE.
            path: below the service's address.
            answers: the type of the answer for each expected status.
            body: sent as JSON; None for no body.
            idempotency_key: makes a POST safe to retry, if the service honours it.
            refusals: by the status of an answer that refuses, whatever its body says: makes the
                error to raise.

        Raises:
            DomainError: of `refusals`.
            ServiceUnavailable: refused, too slow, a server error, or an unexpected answer;
                whether the service acted is unknown.
        """
        headers = {} if idempotency_key is None else {IDEMPOTENCY_KEY: idempotency_key}
        request = json_request(method, path, body, headers)
        try:
            result = self._transport.send(
                request, lambda answer: self._read(answer, answers, refusals)
            )
        except NoAnswer as failure:
            raise ServiceUnavailable(str(failure)) from failure
        if isinstance(result, DomainError):
            raise result  # only now: the service works, which its circuit breaker is to know
        return result

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _read(
        self,
        answer: Answer,
        answers: Mapping[int, type[T]],
        refusals: Mapping[int, Callable[[], DomainError]],
    ) -> T | DomainError:
        if answer.status in refusals:
            return refusals[answer.status]()
        if answer.status not in answers:
            raise NoAnswer(self._service, f"status {answer.status}", permanent=True)
        return decode_answer(answer, answers[answer.status], self._service)


def path_of(template: str, /, **parameters: object) -> str:
    """Return a path with its parameters, each of which becomes one part of it.

    Args:
        template: with parameters as `{policy_id}`.
        parameters: by name: texts, numbers, or members of an enumeration.

    Raises:
        InvalidValue: a parameter is empty, or consists of dots alone; the path would be another.
    """

    def segment(match: re.Match[str]) -> str:
        value = parameters[match[1]]
        text = str(value.value if isinstance(value, Enum) else value)
        if text in _NO_SEGMENTS:
            raise InvalidValue(match[1], "must be more than dots")
        return quote(text, safe="")

    return _PATH_PARAMETER.sub(segment, template)
