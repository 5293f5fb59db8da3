"""Each rule of a token at its limit, and the reason that is told when it is broken."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from carafe.contracts.envelope import Caller
from carafe.development.servers.issuer import Signer, sign_es256
from carafe.infrastructure.authorization.key_set import Keys, KeySet
from carafe.infrastructure.authorization.profile import TokenProfile
from carafe.infrastructure.authorization.signatures import public_key
from carafe.infrastructure.authorization.tokens import (
    LEEWAY_SECONDS,
    LONGEST_TOKEN,
    Grant,
    TokenVerifier,
)
from carafe.infrastructure.errors import TokenRefused
from tests.support.forger import MISSING, changed, encoded

NOW = 1_800_000_000.0
ISSUER, AUDIENCE = "https://id.example.com", "shop"

PRIVATE_KEY = ec.generate_private_key(ec.SECP256R1())
JWK = Signer(ISSUER, PRIVATE_KEY).public


def fetch_keys() -> Keys:
    key = public_key(JWK)
    assert key is not None
    return {(key.id, "ES256"): key}


PROFILE = TokenProfile(ISSUER, frozenset({AUDIENCE}))
VERIFIER = TokenVerifier(
    PROFILE,
    KeySet(fetch_keys, lambda: 0.0),
    {"orders:read"},
    lambda: NOW,
)

HEADER = {"alg": "ES256", "kid": JWK["kid"], "typ": "at+jwt"}
CLAIMS = {"iss": ISSUER, "sub": "maria", "aud": AUDIENCE, "exp": NOW + 600, "scope": "orders:read"}


def signed(header: bytes, claims: bytes) -> str:
    message = f"{encoded(header)}.{encoded(claims)}"
    return f"{message}.{encoded(sign_es256(PRIVATE_KEY, message.encode()))}"


def verified(header: dict[str, Any] | None = None, /, **claims: Any) -> Grant:  # noqa: ANN401 - any JSON
    parts = changed(HEADER, header or {}), changed(CLAIMS, claims)
    return VERIFIER.verify(signed(*(json.dumps(each).encode() for each in parts)))


def refusal(token: str) -> str:
    with pytest.raises(TokenRefused) as told:
        VERIFIER.verify(token)
    return str(told.value)


def refusal_of(header: dict[str, Any] | None = None, /, **claims: Any) -> str:  # noqa: ANN401 - the same
    with pytest.raises(TokenRefused) as told:
        verified(header, **claims)
    return str(told.value)


def test_a_token_grants_the_scopes_of_this_service_until_it_expires() -> None:
    grant = verified(scope="orders:read orders:write elsewhere", exp=NOW + 600.7)
    assert grant.caller == Caller(subject="maria", scopes=frozenset({"orders:read"}))
    assert grant.expires_at == NOW + 600 + LEEWAY_SECONDS
    assert verified(scope=MISSING).caller.scopes == set()
    assert verified(scope="orders:read\torders:read\n").caller.scopes == set()
    assert not any(PROFILE.scopes({})), "which scopes it has nobody says"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_times_are_compared_with_half_a_minute_of_leeway(name: str) -> None:
    within = NOW - LEEWAY_SECONDS + 0.5 if name == "exp" else NOW + LEEWAY_SECONDS
    beyond = NOW - LEEWAY_SECONDS if name == "exp" else NOW + LEEWAY_SECONDS + 0.5
    assert verified(**{name: within}).caller.subject == "maria"
    expected = "it has expired" if name == "exp" else "it is not valid yet"
    assert refusal_of(**{name: beyond}) == expected


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", MISSING])
def test_types_of_access_tokens_are_accepted(typ: object) -> None:
    assert verified({"typ": typ}).caller.subject == "maria"


@pytest.mark.parametrize(
    ("header", "claims", "reason"),
    [
        ({"typ": "logout+jwt"}, {}, "it is not an access token"),
        ({"crit": ["exp"]}, {}, "it requires an unknown extension"),
        ({"crit": None}, {}, "it requires an unknown extension"),
        ({"alg": "none"}, {}, "its algorithm is not accepted"),
        ({"alg": "HS256"}, {}, "its algorithm is not accepted"),
        ({"alg": "RS256"}, {}, "the issuer has no such key"),
        ({"kid": "another"}, {}, "the issuer has no such key"),
        ({"kid": MISSING}, {}, "a field is invalid: Object missing required field `kid`"),
        ({"kid": 7}, {}, "a field is invalid: Expected `str`, got `int` - at `$.kid`"),
        ({}, {"iss": f"{ISSUER}/"}, "it is from another issuer"),
        ({}, {"aud": "shops"}, "it is for another audience"),
        ({}, {"token_use": "id"}, "it is not an access token"),
        ({}, {"sub": MISSING}, "a field is invalid: Object missing required field `sub`"),
        ({}, {"sub": "x" * 201}, "a field is invalid: Expected `str` matching"),
        ({}, {"exp": -1}, "a field is invalid: Expected `float` >= 0"),
    ],
)
def test_what_is_wrong_is_told(header: dict[str, Any], claims: dict[str, Any], reason: str) -> None:
    assert refusal_of(header, **claims).startswith(reason)
    if not reason.startswith("a field"):  # whose fault msgspec tells
        assert refusal_of(header, **claims) == reason


GOOD = signed(json.dumps(HEADER).encode(), json.dumps(CLAIMS).encode())
OTHER_CLAIMS = encoded(json.dumps({**CLAIMS, "sub": "john"}).encode())


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "it is not three parts of base64url, or too long"),
        (GOOD.rpartition(".")[0], "it is not three parts of base64url, or too long"),
        (f"{GOOD}.x", "it is not three parts of base64url, or too long"),
        (f"{GOOD}\n", "it is not three parts of base64url, or too long"),
        (f"{GOOD}=", "it is not three parts of base64url, or too long"),
        (f"{GOOD[:-1]}", "a part is not base64url"),
        (f"A.{GOOD.partition('.')[2]}", "a part is not base64url"),
        (f"{GOOD[:-4]}AAAA", "its signature is wrong"),
        (f"{GOOD.split('.')[0]}.{OTHER_CLAIMS}.{GOOD.split('.')[2]}", "its signature is wrong"),
        (signed(b"[]", b"{}"), "a part is not a JSON object"),
        (signed(b"{", b"{}"), "a part is not JSON"),
        (signed(b"\xff", b"{}"), "a part is not JSON"),
        (signed(b"[" * 4_000, b"{}"), "a part is not JSON"),
        (signed(b'{"alg": NaN}', b"{}"), "a part is not JSON"),
        (signed(b'{"alg": "ES256", "alg": "ES256"}', b"{}"), "a name is duplicated"),
        (signed(json.dumps(HEADER).encode(), b'"x"'), "a part is not a JSON object"),
        (signed(json.dumps(HEADER).encode(), b'{"a": {"b": 1, "b": 1}}'), "a name is duplicated"),
    ],
    ids=range(17),  # signatures differ from run to run
)
def test_what_cannot_be_read_or_was_changed_is_refused(token: str, reason: str) -> None:
    assert refusal(token) == reason


def test_a_token_may_be_as_long_as_this_and_no_longer() -> None:
    def padded(characters: int) -> str:
        return signed(json.dumps(HEADER).encode(), json.dumps(CLAIMS).encode() + b" " * characters)

    spaces = (LONGEST_TOKEN - len(padded(0))) * 3 // 4
    lengths = {len(padded(each)): each for each in range(spaces - 2, spaces + 4)}
    longest = max(each for each in lengths if each <= LONGEST_TOKEN)
    shortest = min(each for each in lengths if each > LONGEST_TOKEN)
    assert VERIFIER.verify(padded(lengths[longest])).caller.subject == "maria"
    assert refusal(padded(lengths[shortest])).endswith("or too long")
    assert (longest, shortest) == (LONGEST_TOKEN, LONGEST_TOKEN + 2)  # base64: none between
