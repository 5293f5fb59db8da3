"""Access tokens as Cognito, Auth0, Entra and Keycloak write them, made by another library.

The claims are those of the issuers' documentation, with this service's names in them.
"""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from carafe.infrastructure.authorization.key_set import KeySet
from carafe.infrastructure.authorization.profile import TokenProfile
from carafe.infrastructure.authorization.signatures import public_key
from carafe.infrastructure.authorization.tokens import TokenVerifier
from carafe.infrastructure.errors import TokenRefused
from tests.support.forger import MISSING, changed

NOW = 1_800_000_000
TIMES = {"iat": NOW - 10, "exp": NOW + 3590}
SCOPES = {"loans:read", "loans:write"}

COGNITO: dict[str, Any] = {
    "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1Cd2Ef3",
    "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "cognito:groups": ["readers"],
    "version": 2,
    "client_id": "1example23456789",
    "origin_jti": "bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee",
    "token_use": "access",
    "scope": "openid lending/loans:read billing/loans:write",
    "auth_time": NOW - 10,
    "jti": "cccccccc-bbbb-cccc-dddd-eeeeeeeeeeee",
    "username": "maria",
}
COGNITO_PROFILE = TokenProfile(
    COGNITO["iss"],
    frozenset({"1example23456789", "2example"}),
    "client_id",
    scope_prefix="lending/",
)

AUTH0: dict[str, Any] = {
    "iss": "https://example.eu.auth0.com/",
    "sub": "auth0|5dbc8ddb33c5e20d81912e99",
    "aud": ["https://lending.example.com", "https://example.eu.auth0.com/userinfo"],
    "azp": "PyNVW4rk2eBKt10tnD3J8APuVfUZ4nO3",
    "scope": "openid loans:read",
    "permissions": ["loans:read", "loans:write"],
}
AUTH0_PROFILE = TokenProfile(AUTH0["iss"], frozenset({"https://lending.example.com"}))

TENANT, APPLICATION = "0aaa0000-1111-2222-3333-444455556666", "11112222-bbbb-3333-cccc-4444dddd5555"
ENTRA_2: dict[str, Any] = {
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "sub": "f9f5PzaWE5-AbCdEf",
    "aud": APPLICATION,
    "azp": "00001111-aaaa-2222-bbbb-3333cccc4444",
    "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
    "tid": TENANT,
    "nbf": NOW - 10,
    "scp": "loans:read",
    "ver": "2.0",
}
ENTRA_2_PROFILE = TokenProfile(
    ENTRA_2["iss"], frozenset({APPLICATION}), scope_claims=("scp", "roles")
)
ENTRA_1 = changed(
    ENTRA_2,
    {
        "iss": f"https://sts.windows.net/{TENANT}/",
        "aud": f"api://{APPLICATION}",
        "appid": ENTRA_2["azp"],
        "azp": MISSING,
        "ver": "1.0",
    },
)
ENTRA_1_PROFILE = TokenProfile(
    ENTRA_1["iss"], frozenset({APPLICATION, f"api://{APPLICATION}"}), scope_claims=("scp", "roles")
)

KEYCLOAK: dict[str, Any] = {
    "iss": "https://id.example.com/realms/library",
    "sub": "5d2b90c6-7c31-4f00-8a4e-1e77019aa5b2",
    "aud": ["lending", "account"],
    "azp": "library-app",
    "typ": "Bearer",
    "realm_access": {"roles": ["offline_access", "loans:write"]},
    "resource_access": {"lending": {"roles": ["loans:read", "loans:write"]}},
    "scope": "profile loans:read email",
}
KEYCLOAK_PROFILE = TokenProfile(KEYCLOAK["iss"], frozenset({"lending"}))

KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "1234example="})


def scopes_of(profile: TokenProfile, claims: dict[str, Any], **changes: Any) -> frozenset[str]:  # noqa: ANN401 - any claim
    """Return the scopes that a token grants, as its issuer writes it but for the changes."""
    header = {"alg": "RS256", "kid": "1234example=", "typ": "JWT"}
    token = jwt.encode(header, changed({**TIMES, **claims}, changes), KEY)
    found = public_key(KEY.as_dict(private=False))
    assert found is not None
    keys = KeySet(lambda: {(found.id, "RS256"): found}, lambda: 0.0)
    return TokenVerifier(profile, keys, SCOPES, lambda: NOW).verify(token).caller.scopes


@pytest.mark.parametrize(
    ("profile", "claims"),
    [
        (COGNITO_PROFILE, COGNITO),
        (AUTH0_PROFILE, AUTH0),
        (ENTRA_2_PROFILE, ENTRA_2),
        (ENTRA_1_PROFILE, ENTRA_1),
        (KEYCLOAK_PROFILE, KEYCLOAK),
    ],
    ids=["Cognito", "Auth0", "Entra 2.0", "Entra 1.0", "Keycloak"],
)
def test_a_token_as_its_issuer_writes_it_grants_its_scope(
    profile: TokenProfile, claims: dict[str, Any]
) -> None:
    assert scopes_of(profile, claims) == {"loans:read"}


@pytest.mark.parametrize(
    ("profile", "claims", "changes"),
    [
        (COGNITO_PROFILE, COGNITO, {"client_id": "another"}),
        (COGNITO_PROFILE, COGNITO, {"client_id": MISSING, "aud": "1example23456789"}),
        (COGNITO_PROFILE, COGNITO, {"client_id": ""}),
        (AUTH0_PROFILE, AUTH0, {"aud": AUTH0["aud"][1]}),
        (AUTH0_PROFILE, AUTH0, {"aud": MISSING, "client_id": "https://lending.example.com"}),
        (ENTRA_2_PROFILE, ENTRA_2, {"aud": "00000003-0000-0000-c000-000000000000"}),
        (ENTRA_1_PROFILE, ENTRA_1, {"aud": f"api://{APPLICATION}/"}),
        (KEYCLOAK_PROFILE, KEYCLOAK, {"aud": "account"}),
        (KEYCLOAK_PROFILE, KEYCLOAK, {"aud": MISSING, "azp": "lending"}),
        (TokenProfile(COGNITO["iss"], frozenset(), "client_id"), COGNITO, {}),
    ],
)
def test_every_token_must_name_an_audience_that_is_accepted(
    profile: TokenProfile, claims: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(TokenRefused, match=r"another audience|`aud`|`client_id`"):
        scopes_of(profile, claims, **changes)


@pytest.mark.parametrize(
    ("profile", "claims", "changes"),
    [
        (COGNITO_PROFILE, COGNITO, {"token_use": "id"}),
        (COGNITO_PROFILE, COGNITO, {"token_use": None}),
        (KEYCLOAK_PROFILE, KEYCLOAK, {"typ": "ID"}),
        (KEYCLOAK_PROFILE, KEYCLOAK, {"typ": "Refresh"}),
    ],
)
def test_tokens_for_other_purposes_are_refused(
    profile: TokenProfile, claims: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(TokenRefused, match="not an access token"):
        scopes_of(profile, claims, **changes)


def test_a_scope_of_another_resource_server_or_without_one_grants_nothing() -> None:
    for scope in ("billing/loans:read", "loans:read", "xlending/loans:read", "lending/lending/x"):
        assert scopes_of(COGNITO_PROFILE, COGNITO, scope=scope) == frozenset()


@pytest.mark.parametrize("name", ["scope", "scp"])
def test_scopes_may_be_a_list(name: str) -> None:
    changes = {"scope": MISSING, name: ["loans:read", "other"]}
    assert scopes_of(AUTH0_PROFILE, AUTH0, **changes) == {"loans:read"}


def test_the_first_claim_that_a_token_has_counts() -> None:
    roles = ["loans:write"]
    assert scopes_of(ENTRA_2_PROFILE, ENTRA_2, roles=roles) == {"loans:read"}
    assert scopes_of(ENTRA_2_PROFILE, ENTRA_2, roles=roles, scp="") == frozenset()
    assert scopes_of(ENTRA_2_PROFILE, ENTRA_2, roles=roles, scp=MISSING) == {"loans:write"}
    assert scopes_of(ENTRA_2_PROFILE, ENTRA_2, scp=MISSING) == frozenset()


@pytest.mark.parametrize(
    ("claims", "name", "expected"),
    [
        (AUTH0, "permissions", {"loans:read", "loans:write"}),
        (AUTH0 | {"https://example.com/roles": ["loans:read"]}, "https://example.com/roles",
         {"loans:read"}),
        (KEYCLOAK, "realm_access.roles", {"loans:write"}),
        (KEYCLOAK, "resource_access.lending.roles", {"loans:read", "loans:write"}),
        (KEYCLOAK, "resource_access.billing.roles", set()),
        (KEYCLOAK, "scope.roles", set()),
        (COGNITO | {"cognito:groups": ["loans:read"]}, "cognito:groups", {"loans:read"}),
    ],
)  # fmt: skip
def test_scopes_may_stand_in_another_claim(
    claims: dict[str, Any], name: str, expected: set[str]
) -> None:
    audience = "client_id" if "client_id" in claims else "azp"
    profile = TokenProfile(claims["iss"], frozenset({claims[audience]}), audience, (name,))
    assert scopes_of(profile, claims) == expected


@pytest.mark.parametrize("value", [1, True, {"loans:read": True}, [1], ["loans:read", None]])
def test_scopes_of_another_form_are_refused(value: object) -> None:
    with pytest.raises(TokenRefused, match="`scope`"):
        scopes_of(AUTH0_PROFILE, AUTH0, scope=value)
