"""Access tokens: signed JSON Web Tokens (RFC 7519, RFC 9068) of one issuer, for one audience.

A token is read strictly: anything that this module does not understand is refused. A token cannot
supply its own key: `jku`, `x5u` and `jwk` are ignored, and `kid` only names a key of the issuer.
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
from carafe.contracts.first_use import complete
from carafe.infrastructure.errors import TokenRefused

from .key_set import KeySet
from .profile import TokenProfile, require_access_token
from .signatures import ALGORITHMS, decode_base64url

LONGEST_TOKEN = 8 * 1024  # API Gateway accepts 10 KiB of headers in total

LEEWAY_SECONDS = 30
"""How much the clocks of issuer and service may differ."""

# RFC 9068 requires at+jwt, but most issuers write JWT, or nothing. Other tokens with the same
# signature, such as logout+jwt, are not access tokens.
TOKEN_TYPES = {"jwt", "at+jwt", "application/at+jwt"}

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")

_Timestamp = Annotated[float, Meta(ge=0, le=253_402_300_799)]  # the end of the year 9999
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
    exp: _Timestamp
    nbf: _Timestamp = 0.0
    iat: _Timestamp = 0.0


class Grant(Struct, frozen=True):
    """What a token grants.

    Attributes:
        caller: who it is granted to, with the scopes of this service.
        expires_at: in seconds since 1970, leeway included.
    """

    caller: Caller
    expires_at: int


class TokenVerifier:
    """Verifies access tokens.

    Args:
        profile: whose tokens are accepted, and how they are written.
        keys: of the issuer.
        scopes: those of this service; others in a token are ignored.
        clock: in seconds since 1970.
    """

    def __init__(
        self,
        profile: TokenProfile,
        keys: KeySet,
        scopes: AbstractSet[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._profile = profile
        self._keys = keys
        self._scopes = scopes
        self._clock = clock

    def verify(self, token: str) -> Grant:
        """Return what a token grants.

        Raises:
            TokenRefused: it is not valid, or not for this service.
            IssuerUnavailable: the issuer's keys cannot be fetched.
        """
        parts = _COMPACT.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
        if parts is None:
            raise TokenRefused("it is not three parts of base64url, or too long")
        header, claims, signature = parts.groups()
        self._require_signature(
            _read_header(header), f"{header}.{claims}".encode(), _decode(signature)
        )
        return self._grant(_json_object(claims))

    def _require_signature(self, header: _Header, message: bytes, signature: bytes) -> None:
        key = self._keys.find(header.kid, header.alg)
        if key is None:
            raise TokenRefused("the issuer has no such key")
        if not key.has_signed(message, signature):
            raise TokenRefused("its signature is wrong")

    def _grant(self, values: dict[str, Any]) -> Grant:
        claims = _convert(values, _Claims)
        require_access_token(values)
        now = self._clock()
        if claims.iss != self._profile.issuer:
            raise TokenRefused("it is from another issuer")
        self._profile.require_audience(values)
        if claims.exp + LEEWAY_SECONDS <= now:
            raise TokenRefused("it has expired")
        if max(claims.nbf, claims.iat) - LEEWAY_SECONDS > now:
            raise TokenRefused("it is not valid yet")
        caller = Caller(subject=claims.sub, scopes=self._profile.scopes(values) & self._scopes)
        return Grant(caller, int(claims.exp) + LEEWAY_SECONDS)


def _read_header(part: str) -> _Header:
    values = _json_object(part)
    if "crit" in values:
        raise TokenRefused("it requires an unknown extension")
    header = _convert(values, _Header)
    if header.alg not in ALGORITHMS:
        raise TokenRefused("its algorithm is not accepted")
    if header.typ.lower() not in TOKEN_TYPES:
        raise TokenRefused("it is not an access token")
    return header


def _convert(values: dict[str, Any], form: type[T]) -> T:
    try:
        return msgspec.convert(values, complete(form))
    except msgspec.ValidationError as error:
        raise TokenRefused(f"a field is invalid: {error}") from None


def _json_object(part: str) -> dict[str, Any]:
    """Read a part that is a JSON object without duplicate names."""
    try:
        values = json.loads(
            _decode(part).decode(), object_pairs_hook=_without_duplicates, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise TokenRefused("a part is not JSON") from None
    if not isinstance(values, dict):
        raise TokenRefused("a part is not a JSON object")
    return values


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise TokenRefused("a name is duplicated")
    return values


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _decode(part: str) -> bytes:
    try:
        return decode_base64url(part)
    except ValueError:
        raise TokenRefused("a part is not base64url") from None
