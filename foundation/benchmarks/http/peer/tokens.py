"""Access tokens by PyJWT; what is verified is kept for as long as API Gateway keeps it."""
# mypy: disable-error-code="import-untyped,import-not-found,no-any-unimported,no-any-return,misc"

import json
import os
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import jwt
from cachetools import TTLCache
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

CACHE_SECONDS = 60
CACHE_SIZE = 10_000

_callers: TTLCache[str, "Caller"] = TTLCache(CACHE_SIZE, CACHE_SECONDS)
_keys: list[jwt.PyJWKClient] = []


@dataclass(frozen=True)
class Caller:
    """The caller of a request.

    Attributes:
        subject: the token's subject.
        scopes: what it may do.
        expires_at: when the token ends, in seconds since 1970.
    """

    subject: str
    scopes: frozenset[str]
    expires_at: int


def load_keys() -> None:
    """Find the issuer's keys, and fetch them once: requests need not wait for them."""
    issuer = os.environ["TOKEN_ISSUER"]
    with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration") as answer:  # noqa: S310 - our own
        client = jwt.PyJWKClient(json.load(answer)["jwks_uri"])
    client.get_signing_keys()
    _keys[:] = [client]


def caller_with(scope: str) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency that identifies a caller who has a scope."""

    async def identify(
        credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
    ) -> Caller:
        caller = _callers.get(credentials.credentials)
        if caller is None:
            caller = _callers[credentials.credentials] = _verify(credentials.credentials)
        if caller.expires_at <= time.time():
            raise HTTPException(401, "Send a valid access token.")
        if scope not in caller.scopes:
            raise HTTPException(403, "This needs another scope.")
        return caller

    return identify


def _verify(token: str) -> Caller:
    try:
        claims = jwt.decode(
            token,
            _keys[0].get_signing_key_from_jwt(token),
            algorithms=["ES256"],
            audience=os.environ["TOKEN_AUDIENCE"],
            issuer=os.environ["TOKEN_ISSUER"],
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401, "Send a valid access token.") from error
    return Caller(claims["sub"], frozenset(claims["scope"].split()), claims["exp"])
