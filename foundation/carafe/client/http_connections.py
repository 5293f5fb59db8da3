"""Single requests on pooled connections, with limits on the time and size of the answer."""

import functools
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Url, parse_url

from carafe.contracts.addresses import is_web_address

from .errors import Answer, NoAnswer
from .limits import Limits
from .timed_connections import TimedHTTPConnectionPool, TimedHTTPSConnectionPool

CHUNK_BYTES = 1 << 16

# A function may be frozen between two invocations, while the network silently drops its
# connections. Those idle for this long are replaced.
LONGEST_IDLE_SECONDS = 50


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request.

    Attributes:
        method: GET, POST, PUT or DELETE.
        path: below the service's address, query string included, percent-encoded.
        body: None for no body.
        headers: by name.
    """

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpConnections:
    """Sends single requests to one service; follows no redirects.

    Args:
        base_url: in front of every path, `http://host:port` or https, a path allowed.
        service: its name in errors.
        limits: for one call.
        wall_clock: in seconds; unlike a monotonic clock, it runs while the process is frozen.

    Raises:
        ValueError: the address is not valid.
    """

    def __init__(
        self,
        base_url: str,
        service: str,
        limits: Limits,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        url = _address(base_url, service)
        pool = TimedHTTPSConnectionPool if url.scheme == "https" else TimedHTTPConnectionPool
        # urllib3 sets TCP_NODELAY on every connection.
        self._make_pool = functools.partial(
            pool, str(url.host), url.port, maxsize=limits.connections
        )
        self._pool = self._make_pool()
        self._prefix = (url.path or "").rstrip("/")
        self._service = service
        self._limits = limits
        self._wall_clock = wall_clock
        self._last_used = wall_clock()

    def send(self, request: Request, seconds: float) -> Answer:
        """Send a request and return its answer, whatever the status.

        Args:
            request: to send.
            seconds: time limit for the complete answer.

        Raises:
            NoAnswer: refused, too slow, cut off or too large.
        """
        self._drop_idle_connections()
        connect_seconds = min(self._limits.connect_seconds, seconds)
        try:
            with self._pool.urlopen(
                request.method,
                self._prefix + request.path,
                body=request.body,
                headers=dict(request.headers),
                timeout=urllib3.Timeout(connect=connect_seconds, total=seconds),
                redirect=False,
                retries=False,
                preload_content=False,
            ) as response:
                return Answer(response.status, response.headers, self._body(response))
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise NoAnswer(self._service, "it cannot be reached", sent=False) from error
        except ReadTimeoutError as error:
            raise NoAnswer(self._service, "no answer in time") from error
        except HTTPError as error:
            if _is_untrusted(error):
                reason = "its certificate is not trusted"
                raise NoAnswer(self._service, reason, sent=False, permanent=True) from error
            raise NoAnswer(
                self._service, f"the answer broke off: {type(error).__name__}"
            ) from error

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.close()

    def _body(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """Read in chunks, so that an endless answer is cut off, compressed or not."""
        body = bytearray()
        for chunk in response.stream(CHUNK_BYTES):
            body += chunk
            if len(body) > self._limits.answer_bytes:
                reason = f"an answer of more than {self._limits.answer_bytes} bytes"
                raise NoAnswer(self._service, reason, permanent=True)
        return bytes(body)

    def _drop_idle_connections(self) -> None:
        now = self._wall_clock()
        if now - self._last_used > LONGEST_IDLE_SECONDS:
            # Not closed, since another thread may use it; it is closed with its last reference.
            self._pool = self._make_pool()
        self._last_used = now


def _address(base_url: str, service: str) -> Url:
    url = parse_url(base_url) if is_web_address(base_url) else Url()
    if not url.host or url.query or url.auth:
        raise ValueError(f"The address of the {service} must be http(s)://host[:port][/path].")
    return url


def _is_untrusted(error: HTTPError) -> bool:
    return isinstance(error, SSLError) and any(
        isinstance(cause, ssl.SSLCertVerificationError) for cause in error.args
    )
