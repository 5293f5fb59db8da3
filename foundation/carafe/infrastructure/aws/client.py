"""Calls to one service of AWS, signed, and repeated once."""

import functools
import os
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec

from .configuration import AwsService, credentials_of, endpoint_of, region_of
from .connections import Answer, Connections
from .errors import AwsError, AwsRefusal, AwsUnreachable
from .signature import Signer

THROTTLED = {
    *("ThrottlingException", "Throttling", "RequestThrottled", "RequestThrottledException"),
    *("TooManyRequestsException", "SlowDown", "KmsThrottled"),
}
OUT_OF_TIME = {
    *("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"),
    *("InvalidSignatureException", "SignatureDoesNotMatch"),
}
"""How AWS may call a signature of another time than its own."""

# AWS accepts signatures for five minutes; less than this is no reason to refuse one.
SMALLEST_SKEW_SECONDS = 60


class AwsClient:
    """Calls a service; the environment is read with the first call.

    Args:
        service: to call.
        attempt_seconds: for one attempt, up to the last byte of its answer.
        total_seconds: for both attempts.
        environment: says where the service is, and who calls it; by default the process's, as it
            is at each call.
        wall_clock: in seconds, for signatures and idle connections.
    """

    def __init__(
        self,
        service: AwsService,
        attempt_seconds: float,
        total_seconds: float,
        environment: Mapping[str, str] | None = None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._service = service
        self._attempt_seconds = attempt_seconds
        self._total_seconds = total_seconds
        self._given_environment = environment
        self._wall_clock = wall_clock
        self._clock_skew = 0.0

    def call(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation; a temporary failure is repeated once, if time is left.

        Raises:
            AwsError: it failed.
        """
        body = msgspec.json.encode(arguments)
        deadline = time.monotonic() + self._total_seconds
        try:
            return self._attempt(operation, body, deadline)
        except AwsError as error:
            if not error.is_temporary or time.monotonic() >= deadline:
                raise
        return self._attempt(operation, body, deadline)

    @property
    def _environment(self) -> Mapping[str, str]:
        return os.environ if self._given_environment is None else self._given_environment

    def close(self) -> None:
        """Close the kept connections."""
        if "_connections" in vars(self):
            self._connections.close()

    def _attempt(self, operation: str, body: bytes, deadline: float) -> dict[str, Any]:
        host, path = self._address
        headers = {
            "content-type": self._service.content_type,
            "host": host,
            "x-amz-target": f"{self._service.target}.{operation}",
        }
        clock_skew = self._clock_skew  # another thread may change it before the answer
        signed = self._signer.sign(path, headers, body, self._wall_clock() + clock_skew)
        deadline = min(deadline, time.monotonic() + self._attempt_seconds)
        try:
            answer = self._connections.post(path, signed, body, deadline)
            if answer.status == 200:  # noqa: PLR2004 - HTTP's own number
                return msgspec.json.decode(answer.body, type=dict[str, Any])
        except (OSError, HTTPException, UnicodeError, msgspec.DecodeError) as error:
            # UnicodeError: the host's name cannot be encoded for DNS.
            raise AwsUnreachable(self._service.name, type(error).__name__) from error
        raise self._refusal(answer, clock_skew)

    def _refusal(self, answer: Answer, clock_skew: float) -> AwsRefusal:
        code = _code_of(answer)
        is_temporary = (
            answer.status >= 500  # noqa: PLR2004 - HTTP's own number
            or code in THROTTLED
            or (code in OUT_OF_TIME and self._correct_clock(answer, clock_skew))
        )
        return AwsRefusal(self._service.name, code, is_temporary=is_temporary)

    def _correct_clock(self, answer: Answer, clock_skew: float) -> bool:
        """Adopt the server's clock for signatures.

        Args:
            answer: holds the server's time.
            clock_skew: in seconds, with which the refused request was signed.

        Returns:
            Whether a new signature differs enough from the refused one.
        """
        try:
            server_time = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        except (TypeError, ValueError):
            return False
        corrected = server_time - self._wall_clock()
        self._clock_skew = corrected
        return abs(corrected - clock_skew) >= SMALLEST_SKEW_SECONDS

    @functools.cached_property
    def _connections(self) -> Connections:
        endpoint = endpoint_of(self._service, self._environment)
        trusted = self._environment.get("AWS_CA_BUNDLE") or None
        return Connections(endpoint, trusted, self._wall_clock)

    @functools.cached_property
    def _address(self) -> tuple[str, str]:
        """The host as it is sent, and the path."""
        parts = urlsplit(endpoint_of(self._service, self._environment))
        return parts.netloc, parts.path or "/"

    @functools.cached_property
    def _signer(self) -> Signer:
        credentials = credentials_of(self._environment)
        return Signer(credentials, region_of(self._environment), self._service.host)


def _code_of(answer: Answer) -> str:
    """Return AWS's name of an error, without its namespace; its message could quote anything."""
    try:
        name = msgspec.json.decode(answer.body, type=dict[str, Any])["__type"]
    except (msgspec.DecodeError, KeyError):
        name = None
    if not isinstance(name, str):
        return f"status {answer.status}"
    return name.rpartition("#")[2].partition(":")[0]
