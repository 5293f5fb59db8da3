"""What API Gateway answers by itself, in the form of our problems.

The deployment makes gateway responses of `REFUSALS`, and the local gateway answers with them.
"""

from collections.abc import Mapping

from msgspec import Struct

from .problems import EXAMPLES


class Refusal(Struct, frozen=True):
    """What is answered when a request does not come through to a view.

    Attributes:
        status: of the answer.
        code: stable name for programs.
        detail: what to do.
        challenge: the header WWW-Authenticate (RFC 6750), if any.
    """

    status: int
    code: str
    detail: str
    challenge: str | None = None


REFUSALS: Mapping[str, Refusal] = {
    "UNAUTHORIZED": Refusal(
        401, "token_missing", "Send an access token, as `Authorization: Bearer …`.", "Bearer"
    ),
    "ACCESS_DENIED": Refusal(
        401,
        "token_refused",
        EXAMPLES[401],
        'Bearer error="invalid_token"',
    ),
    "AUTHORIZER_FAILURE": Refusal(
        503, "issuer_unavailable", "Access tokens cannot be checked now; try again."
    ),
    "MISSING_AUTHENTICATION_TOKEN": Refusal(
        404, "no_such_route", "Nothing is served here; /openapi.json lists what is."
    ),
}
"""By API Gateway's names of its responses. The last is its odd name for an unknown path."""
