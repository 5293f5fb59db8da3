"""The authorizer function: it identifies the caller by an access token.

API Gateway keeps an answer for a while and uses it for every route, so that it must hold for all of
them: scopes are checked later, when the operation is known.
"""

import logging
from typing import Any

from chalice.app import AuthRequest, AuthResponse

from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import TokenRefused

log = logging.getLogger(__name__)

# For so long API Gateway repeats an answer, whether the token was accepted or refused.
TTL_SECONDS = 60

EVERYWHERE = "*"
NOBODY = "nobody"

Policy = dict[str, Any]


def authorize(request: AuthRequest, container: Container[Any]) -> Policy:
    """Return whether a token lets its bearer in, and who that is.

    Args:
        request: with the token.
        container: the wired service.

    Returns:
        API Gateway's form: a policy, and the context that the views read.

    Raises:
        IssuerUnavailable: the token cannot be checked now; API Gateway refuses the request.
    """
    try:
        grant = container.tokens.verify(_bearer_token(request.token))
    except TokenRefused as refusal:
        log.info("token refused: %s", refusal.message)
        return _denied(request)
    context = {
        "subject": grant.caller.subject,
        "scopes": " ".join(sorted(grant.caller.scopes)),
        "expires_at": str(grant.expires_at),
    }
    return AuthResponse([EVERYWHERE], grant.caller.subject, context).to_dict(request)


def _bearer_token(authorization: str) -> str:
    """Return the token in the header Authorization (RFC 6750)."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused("it is no bearer token")
    return token


def _denied(request: AuthRequest) -> Policy:
    answer = AuthResponse([EVERYWHERE], NOBODY).to_dict(request)
    for statement in answer["policyDocument"]["Statement"]:
        statement["Effect"] = "Deny"
    return answer
