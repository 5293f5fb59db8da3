"""The issuer's public keys, fetched from the issuer alone and cached while the process is warm.

OpenID Connect Discovery 1.0 specifies their address, RFC 7517 their form. They are fetched by
`http.client`: urllib3 would cost a cold authorizer more than everything else that it does.
"""

import http.client
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from carafe.client.timed_response import TimedResponse
from carafe.contracts.first_use import complete
from carafe.infrastructure.errors import IssuerUnavailable

from .signatures import PublicKey, public_key

log = logging.getLogger(__name__)

DISCOVERY_PATH = "/.well-known/openid-configuration"

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
LARGEST_ANSWER = 256 * 1024

_HEADERS = {"Accept": "application/json", "User-Agent": "carafe"}

# How long a key that the issuer withdrew may still be trusted, and how long if the issuer is
# unavailable.
FRESH_SECONDS = 600.0
STALE_SECONDS = 3_600.0
# Limits requests to the issuer, however many tokens name unknown keys.
SECONDS_BETWEEN_FETCHES = 10.0

Keys = Mapping[tuple[str, str], PublicKey]
T = TypeVar("T")


class _Discovery(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _KeyList(msgspec.Struct):
    keys: list[dict[str, Any]]


class Issuer:
    """Fetches the issuer's keys.

    Args:
        url: the issuer identifier, which is also its address.
        keys_url: where its keys are, if they are on another host; by default, discovery says it.
    """

    def __init__(self, url: str, keys_url: str = "") -> None:
        self.url = url
        self.keys_url = keys_url

    def fetch_keys(self) -> Keys:
        """Return its keys, by id and algorithm.

        Raises:
            IssuerUnavailable: it does not answer, or its answer is not valid.
        """
        with closing(_connection(self.keys_url or self.url)) as connection:
            keys_url = self.keys_url or self._discover(connection)
            key_list = _get(connection, keys_url, _KeyList).keys
        keys = [key for key in map(_read_key, key_list) if key is not None]
        return {(key.id, name): key for key in keys for name in key.algorithms}

    def _discover(self, connection: http.client.HTTPConnection) -> str:
        """Return where the keys are, as the issuer says (OpenID Connect Discovery 1.0)."""
        configuration = _get(connection, self.url.rstrip("/") + DISCOVERY_PATH, _Discovery)
        if configuration.issuer != self.url:
            raise IssuerUnavailable("The issuer's own name differs from TOKEN_ISSUER.")
        if _origin(configuration.jwks_uri) != _origin(self.url):
            raise IssuerUnavailable(
                "The issuer's keys are on another host than the issuer: set TOKEN_KEYS_URL."
            )
        return configuration.jwks_uri


class KeySet:
    """Finds keys by id; calls the issuer as rarely as possible.

    Args:
        fetch: fetches the keys from the issuer.
        clock: in seconds, as `time.monotonic`.
    """

    def __init__(
        self, fetch: Callable[[], Keys], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Keys = {}
        self._fetched_at = float("-inf")
        self._last_attempt_at = float("-inf")

    def find(self, identifier: str, algorithm: str) -> PublicKey | None:
        """Return a key of the issuer, or None if it has no such key.

        Raises:
            IssuerUnavailable: the keys are outdated, and the issuer does not answer.
        """
        with self._lock:
            name = (identifier, algorithm)
            if name not in self._keys or self._age > FRESH_SECONDS:
                self._refresh()
            return self._keys.get(name)

    @property
    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _refresh(self) -> None:
        failure = None
        if self._clock() - self._last_attempt_at >= SECONDS_BETWEEN_FETCHES:
            self._last_attempt_at = self._clock()
            try:
                self._keys = self._fetch()
                self._fetched_at = self._clock()
            except IssuerUnavailable as error:
                log.warning("%s", error.message)
                failure = error
        if self._age > STALE_SECONDS:
            self._keys = {}
            raise IssuerUnavailable("The issuer of tokens does not answer.") from failure


def _connection(url: str) -> http.client.HTTPConnection:
    """Return what will connect to the host of an address."""
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)
    trusted = ssl.create_default_context()
    return http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=trusted)


def _get(connection: http.client.HTTPConnection, url: str, form: type[T]) -> T:
    """Return what the connected host has at an address.

    Raises:
        IssuerUnavailable: no answer in time, or none of this form.
    """
    try:
        status, body = _answer(connection, url)
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        reason = type(error).__name__
        raise IssuerUnavailable(f"The issuer of tokens failed ({reason}).") from error
    # A redirect would lead to an address that nobody configured.
    if status != 200:  # noqa: PLR2004 - HTTP's own number
        raise IssuerUnavailable(f"The issuer of tokens failed (status {status}).")
    try:
        return msgspec.json.decode(body, type=complete(form))
    except (msgspec.DecodeError, RecursionError) as error:
        raise IssuerUnavailable("The answer of the issuer of tokens is not valid.") from error


def _answer(connection: http.client.HTTPConnection, url: str) -> tuple[int, bytes]:
    if connection.sock is None:  # the first request, or the host closes after each answer
        connection.connect()
    connection.sock.settimeout(READ_SECONDS)
    connection.response_class = TimedResponse
    path = urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl()
    connection.request("GET", path, headers=_HEADERS)
    with connection.getresponse() as response:
        body = response.read(LARGEST_ANSWER + 1)
        if response.length or len(body) > LARGEST_ANSWER:
            raise http.client.HTTPException("the answer is cut off, or too large")
        return response.status, body


def _read_key(values: Mapping[str, Any]) -> PublicKey | None:
    """Read a key; a malformed key must not make the others unusable."""
    try:
        return public_key(values)
    except ValueError as error:
        log.warning("a key of the issuer was passed over: %s", error)
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port
