"""What the authorizer answers to API Gateway, for tokens of an issuer that is in this process."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from chalice.app import AuthRequest
from cryptography.hazmat.primitives.asymmetric import ec

from carafe.api.authorizer import authorize
from carafe.development.servers.issuer import Signer
from carafe.infrastructure.authorization.key_set import Keys, KeySet
from carafe.infrastructure.authorization.profile import TokenProfile
from carafe.infrastructure.authorization.signatures import public_key
from carafe.infrastructure.authorization.tokens import TokenVerifier

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc/api/GET/orders"
EVERY_ROUTE = "arn:aws:execute-api:eu-west-1:123456789012:abc/api/*/*"

SIGNER = Signer("https://id.example.com", ec.generate_private_key(ec.SECP256R1()))


def fetch_keys() -> Keys:
    key = public_key(SIGNER.public)
    assert key is not None
    return {(key.id, "ES256"): key}


VERIFIER = TokenVerifier(
    TokenProfile("https://id.example.com", frozenset({"shop"})),
    KeySet(fetch_keys),
    {"orders:read", "orders:write"},
)


def answer_to(authorization: str) -> dict[str, Any]:
    container: Any = SimpleNamespace(tokens=VERIFIER)
    return authorize(AuthRequest("TOKEN", authorization, ARN), container)


def effects_of(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    statements = answer["policyDocument"]["Statement"]
    return [(each["Effect"], each["Resource"]) for each in statements]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_who_bears_a_valid_token_is_let_in_everywhere(scheme: str) -> None:
    token = SIGNER.token("maria", "shop", "orders:write email orders:read")
    answer = answer_to(f"{scheme} {token}")
    assert effects_of(answer) == [("Allow", [EVERY_ROUTE])]
    assert answer["principalId"] == "maria"
    assert answer["context"] == {
        "subject": "maria",
        "scopes": "orders:read orders:write",
        "expires_at": str(VERIFIER.verify(token).expires_at),
    }
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a.b.c",
        SIGNER.token("maria", "shop", "orders:read"),
        f"Basic {SIGNER.token('maria', 'shop', 'orders:read')}",
        f"Bearer  {SIGNER.token('maria', 'shop', 'orders:read')}",
        f"Bearer {SIGNER.token('maria', 'shop', 'orders:read')} ",
        f"Bearer x {SIGNER.token('maria', 'shop', 'orders:read')}",
        f"Bearer {SIGNER.token('maria', 'another', 'orders:read')}",
    ],
    ids=range(10),  # tokens differ from run to run
)
def test_all_others_are_denied_everything(authorization: str) -> None:
    answer = answer_to(authorization)
    assert effects_of(answer) == [("Deny", [EVERY_ROUTE])]
    assert (answer["principalId"], answer["context"]) == ("nobody", {})


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("Basic a.b.c", "it is no bearer token"),
        ("a.b.c", "it is no bearer token"),
        ("Bearer a.b c", "it is not three parts of base64url, or too long"),
    ],
)
def test_why_a_token_is_refused_is_told_to_the_operator_alone(
    authorization: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "carafe.api.authorizer"):
        answer = answer_to(authorization)
    assert caplog.messages == [f"token refused: {reason}"]
    assert reason not in json.dumps(answer)
