"""Whatever token is accepted here, a library of another make accepts too, and reads it alike."""

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from carafe.development.servers.issuer import Signer, sign_es256
from carafe.infrastructure.authorization.key_set import Keys, KeySet
from carafe.infrastructure.authorization.profile import TokenProfile
from carafe.infrastructure.authorization.signatures import public_key
from carafe.infrastructure.authorization.tokens import LEEWAY_SECONDS, TokenVerifier
from carafe.infrastructure.errors import TokenRefused
from tests.support.forger import MISSING, changed, encoded

NOW = 1_800_000_000
ISSUER, AUDIENCE = "https://id.example.com", "shop"

PRIVATE_KEY = ec.generate_private_key(ec.SECP256R1())
JWK = Signer(ISSUER, PRIVATE_KEY).public
PUBLIC_KEY = public_key(JWK)


def fetch_keys() -> Keys:
    assert PUBLIC_KEY is not None
    return {(PUBLIC_KEY.id, name): PUBLIC_KEY for name in PUBLIC_KEY.algorithms}


KEYS = KeySet(fetch_keys, lambda: 0.0)
VERIFIER = TokenVerifier(
    TokenProfile(ISSUER, frozenset({AUDIENCE})), KEYS, {"orders:read"}, lambda: NOW
)

OTHER_KEY = ECKey.import_key(PRIVATE_KEY.public_key())
OTHER_CLAIMS = jwt.JWTClaimsRegistry(
    now=NOW,
    leeway=LEEWAY_SECONDS,
    iss={"essential": True, "value": ISSUER},
    sub={"essential": True},
    aud={"essential": True, "value": AUDIENCE},
    exp={"essential": True},
)

HEADER = {"alg": "ES256", "kid": JWK["kid"], "typ": "at+jwt"}
CLAIMS = {"iss": ISSUER, "sub": "maria", "aud": AUDIENCE, "exp": NOW + 600, "scope": "orders:read"}

ODD = [MISSING, None, True, 0, 1, -1, "", [], {}, [None], "b64"]
TIMES = [*(NOW + each for each in (-31, -30, -29.5, 0, 30, 30.5, 31)), str(NOW), 1e300]

HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from([*ODD, "none", "HS256", "RS256", "EdDSA", "es256"]),
        "kid": st.sampled_from([*ODD, "another"]),
        "typ": st.sampled_from([*ODD, "JWT", "jwt", "logout+jwt"]),
        "crit": st.sampled_from([*ODD, ["b64"], ["exp"]]),
        "x5t": st.just("abc"),
    },
)
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "iss": st.sampled_from([*ODD, [ISSUER], f"{ISSUER}/", ISSUER[:-1]]),
        "sub": st.sampled_from([*ODD, "john", ["maria"], "maria\n"]),
        "aud": st.sampled_from([*ODD, [AUDIENCE], [AUDIENCE, "other"], [AUDIENCE, 1], "shops"]),
        "exp": st.sampled_from([*ODD, *TIMES]),
        "nbf": st.sampled_from([*ODD, *TIMES]),
        "iat": st.sampled_from([*ODD, *TIMES]),
        "scope": st.sampled_from([*ODD, "orders:read other", "orders:read  x"]),
        "scp": st.sampled_from([*ODD, ["orders:write"], "orders:write"]),
    },
)


def token_of(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Return a token that the issuer signed, whatever it says."""
    parts = changed(HEADER, header), changed(CLAIMS, claims)
    message = ".".join(encoded(json.dumps(part).encode()) for part in parts)
    return f"{message}.{encoded(sign_es256(PRIVATE_KEY, message.encode()))}"


@given(header=st.one_of(st.just({}), HEADERS), claims=st.one_of(st.just({}), PAYLOADS))
@example(header={}, claims={})
@example(header={"typ": "JWT", "x5t": "abc"}, claims={"aud": [AUDIENCE, "other"], "nbf": NOW + 30})
def test_what_the_issuer_signed_is_read_alike(
    header: dict[str, Any], claims: dict[str, Any]
) -> None:
    token = token_of(header, claims)
    try:
        grant = VERIFIER.verify(token)
    except TokenRefused:
        return
    other = jwt.decode(token, OTHER_KEY, algorithms=["ES256"])
    OTHER_CLAIMS.validate(other.claims)
    assert grant.caller.subject == other.claims["sub"]
    assert grant.expires_at == int(other.claims["exp"]) + LEEWAY_SECONDS
    assert grant.caller.scopes <= set((other.claims.get("scope") or "").split(" "))


@given(st.data())
def test_no_changed_token_is_accepted(data: st.DataObject) -> None:
    token = token_of({}, {})
    position = data.draw(st.integers(0, len(token) - 1))
    length = data.draw(st.integers(0, 2))
    text = data.draw(st.text("AQgw-_.= \n+/0", max_size=2))
    edited = token[:position] + text + token[position + length :]
    try:
        VERIFIER.verify(edited)
    except TokenRefused:
        assert edited != token
    else:
        assert edited == token


def test_the_token_that_the_others_are_made_of_is_accepted() -> None:
    assert VERIFIER.verify(token_of({}, {})).caller.scopes == {"orders:read"}
