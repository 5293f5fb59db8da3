"""Access tokens from the local issuer."""

from urllib.parse import urlencode

import urllib3

from carafe.development.expected_error import ExpectedError

from .servers.issuer import TOKEN

TIMEOUT_SECONDS = 10.0


class TokenNotIssued(ExpectedError):
    """The issuer issued no token; the message says what to do."""


def fetch_token(issuer: str, audience: str, subject: str, scope: str) -> str:
    """Get an access token.

    Args:
        issuer: the address of the local issuer; others require authentication.
        audience: the name of the service in tokens.
        subject: the token's subject.
        scope: the token's scopes, separated by spaces.

    Raises:
        TokenNotIssued: the issuer cannot be reached, is not the local one, or refuses.
    """
    form = {"subject": subject, "audience": audience, "scope": scope}
    try:
        answer = urllib3.request(
            "POST",
            issuer.rstrip("/") + TOKEN,
            body=urlencode(form),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            timeout=TIMEOUT_SECONDS,
            retries=False,
        )
        body = answer.json() if answer.status == 200 else {}  # noqa: PLR2004 - HTTP's own number
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise TokenNotIssued(
            f"TOKEN_ISSUER gave no token ({type(error).__name__}): is `make run` running?"
        ) from error
    if "access_token" not in body:
        raise TokenNotIssued(
            f"TOKEN_ISSUER gave no token (status {answer.status}): check subject and scope; for "
            "an issuer of your own, get the token as it requires."
        )
    return str(body["access_token"])


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
