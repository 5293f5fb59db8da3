"""Access tokens: signed JSON Web Tokens (RFC 7519, RFC 9068) of one issuer, for one audience.

A token is read strictly: what this module does not understand, it refuses. Nothing in a token
leads anywhere: `jku`, `x5u` and `jwk` are not looked at, and `kid` only names a key of the issuer.
"""

import json
import re
import time
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Struct

from carafe.contracts.envelope import Caller
from carafe.infrastructure.errors import TokenRefused

from .key_set import KeySet
from .signatures import ALGORITHMS, decoded

LONGEST_TOKEN = 8 * 1024  # API Gateway takes 10 KiB of headers in all

LEEWAY_SECONDS = 30
"""How far the clocks of issuer and service may be apart."""

# RFC 9068 demands at+jwt, but most issuers write JWT, or nothing. Other kinds of tokens with
# the same signature, such as logout+jwt, are no access tokens.
KINDS = {"jwt", "at+jwt", "application/at+jwt"}

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")

_Moment = Annotated[float, Meta(ge=0, le=253_402_300_799)]  # the end of the year 9999
_Subject = Annotated[
    str, Meta(pattern=r"^[\x20-\x7e]{1,200}\Z")
]  # fits an attribute of an aggregate

T = TypeVar("T")


class _Header(msgspec.Struct):
    alg: str
    kid: str
    typ: str = "JWT"


class _Claims(msgspec.Struct):
    iss: str
    sub: _Subject
    aud: str | list[str]
    exp: _Moment
    nbf: _Moment = 0.0
    iat: _Moment = 0.0
    scope: str | None = None
    scp: str | list[str] = ""


class Grant(Struct, frozen=True):
    """What a token grants.

    Attributes:
        caller: to whom, and which of this service's scopes.
        expires_at: until when, in seconds since 1970, leeway included.
    """

    caller: Caller
    expires_at: int


class Tokens:
    """Checks access tokens.

    Args:
        issuer: the one whose tokens count, exactly as they name it.
        audience: how tokens name this service.
        keys: of the issuer.
        scopes: what counts here; a token may allow more elsewhere.
        clock: tells seconds since 1970.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: KeySet,
        scopes: AbstractSet[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._scopes = scopes
        self._clock = clock

    def check(self, token: str) -> Grant:
        """Return what a token grants.

        Raises:
            TokenRefused: it grants nothing.
            IssuerUnavailable: the issuer's keys are not to be had.
        """
        parts = _COMPACT.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if parts is None:
            raise TokenRefused("it is not three parts of base64url, or too long")
        header, claims, signature = parts.groups()
        self._require_signature(_header(header), f"{header}.{claims}".encode(), _raw(signature))
        return self._granted(_read(_object(claims), _Claims))

    def _require_signature(self, header: _Header, message: bytes, signature: bytes) -> None:
        key = self._keys.find(header.kid, header.alg)
        if key is None:
            raise TokenRefused("the issuer has no such key")
        if not key.has_signed(message, signature):
            raise TokenRefused("its signature is wrong")

    def _granted(self, claims: _Claims) -> Grant:
        audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        now = self._clock()
        if claims.iss != self._issuer:
            raise TokenRefused("it is of another issuer")
        if self._audience not in audiences:
            raise TokenRefused("it is for another audience")
        if claims.exp + LEEWAY_SECONDS <= now:
            raise TokenRefused("it has expired")
        if max(claims.nbf, claims.iat) - LEEWAY_SECONDS > now:
            raise TokenRefused("it is not valid yet")
        caller = Caller(subject=claims.sub, scopes=_scopes(claims) & self._scopes)
        return Grant(caller, int(claims.exp) + LEEWAY_SECONDS)


def _scopes(claims: _Claims) -> frozenset[str]:
    """Return the granted scopes: `scope` (RFC 8693), or `scp` as some issuers write."""
    given = claims.scp if claims.scope is None else claims.scope
    return frozenset(given.split(" ") if isinstance(given, str) else given)


def _header(part: str) -> _Header:
    values = _object(part)
    if "crit" in values:
        raise TokenRefused("it demands an extension that is not known")
    header = _read(values, _Header)
    if header.alg not in ALGORITHMS:
        raise TokenRefused("its algorithm is not accepted")
    if header.typ.lower() not in KINDS:
        raise TokenRefused("it is no access token")
    return header


def _read(values: dict[str, Any], form: type[T]) -> T:
    try:
        return msgspec.convert(values, form)
    except msgspec.ValidationError as error:
        raise TokenRefused(f"a field is wrong: {error}") from None


def _object(part: str) -> dict[str, Any]:
    """Read a part that holds a JSON object, no name of which comes twice."""
    try:
        values = json.loads(
            _raw(part).decode(), object_pairs_hook=_distinct, parse_constant=_not_json
        )
    except (ValueError, RecursionError):
        raise TokenRefused("a part is not JSON") from None
    if not isinstance(values, dict):
        raise TokenRefused("a part is no JSON object")
    return values


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise TokenRefused("a name comes twice")
    return values


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _raw(part: str) -> bytes:
    try:
        return decoded(part)
    except ValueError:
        raise TokenRefused("a part is not base64url") from None
