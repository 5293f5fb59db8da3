"""How an issuer writes its access tokens: where they name the audience and the scopes.

By default as RFC 9068 says, which few issuers follow. Amazon Cognito names only the client that a
token was issued to, and writes the resource server before each scope; Microsoft Entra writes `scp`
for people and `roles` for applications; Auth0 can list `permissions`, Keycloak roles in a table.
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
https://auth0.com/docs/get-started/apis/enable-role-based-access-control-for-apis
https://www.keycloak.org/docs/latest/server_admin/#_audience
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from carafe.infrastructure.errors import TokenRefused

Claims = Mapping[str, Any]

OTHER_PURPOSES = ["ID", "Refresh", "Offline", "Logout"]
"""Keycloak's `typ` of tokens that are not for services; that of the others is Bearer."""


class TokenProfile(Struct, frozen=True):
    """How an issuer writes its access tokens.

    Attributes:
        issuer: exactly as the tokens name it.
        audiences: what tokens may name as their audience; one or several.
        audience_claim: the claim that must name one of them.
        scope_claims: the claims that may hold scopes; the first that a token has counts. A dot
            leads into a table: `realm_access.roles`.
        scope_prefix: what precedes this service's scopes; scopes without it are another's.
    """

    issuer: str
    audiences: frozenset[str]
    audience_claim: str = "aud"
    scope_claims: tuple[str, ...] = ("scope", "scp")
    scope_prefix: str = ""

    def require_audience(self, claims: Claims) -> None:
        """Check that a token names this service.

        Raises:
            TokenRefused: it names others alone, or nothing.
        """
        value = claims.get(self.audience_claim)
        named = [value] if isinstance(value, str) else _texts(self.audience_claim, value)
        if self.audiences.isdisjoint(named):
            raise TokenRefused("it is for another audience")

    def scopes(self, claims: Claims) -> frozenset[str]:
        """Return the scopes that a token grants, without the prefix.

        Raises:
            TokenRefused: they are neither a text nor a list of texts.
        """
        found = ((name, _value(claims, name)) for name in self.scope_claims)
        name, value = next((each for each in found if each[1] is not None), ("", ""))
        scopes = value.split(" ") if isinstance(value, str) else _texts(name, value)
        prefix = self.scope_prefix
        return frozenset(each.removeprefix(prefix) for each in scopes if each.startswith(prefix))


def require_access_token(claims: Claims) -> None:
    """Check what marks the other tokens that an issuer signs with the same key.

    Raises:
        TokenRefused: Cognito (`token_use`) or Keycloak (`typ`) issued it for another purpose.
    """
    if claims.get("token_use", "access") != "access" or claims.get("typ") in OTHER_PURPOSES:
        raise TokenRefused("it is not an access token")


def _value(claims: Claims, name: str) -> Any:  # noqa: ANN401 - of any type, until it is checked
    """Return a claim, or None; a claim's own name may have dots as well, such as an address."""
    if name in claims:
        return claims[name]
    table, dot, rest = name.partition(".")
    inner = claims.get(table)
    return _value(inner, rest) if dot and isinstance(inner, dict) else None


def _texts(name: str, value: object) -> list[str]:
    try:
        return msgspec.convert(value, list[str])
    except msgspec.ValidationError as error:
        raise TokenRefused(f"a field is invalid: {error} - `{name}`") from None
