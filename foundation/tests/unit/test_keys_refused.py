"""Keys at the limits of what is accepted, and the reason that an operator reads of the others."""

from typing import Any

import pytest

from carafe.infrastructure.authorization.signatures import (
    LARGEST_RSA_EXPONENT,
    P256_PRIME,
    decode_base64url,
    public_key,
)
from tests.support.forger import encoded

P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


def number(value: int, size: int | None = None) -> str:
    """Return a number as a key would hold it, by default without leading zeros."""
    return encoded(value.to_bytes(size or (value.bit_length() + 7) // 8))


MODULUS = number(1 << 2047 | 1)
RSA = {"kty": "RSA", "n": MODULUS, "e": "AQAB"}
# The point of the curve whose x is zero.
ROOT = pow(P256_B, (P256_PRIME + 1) // 4, P256_PRIME)
EC = {"kty": "EC", "crv": "P-256", "x": number(0, 32), "y": number(ROOT, 32)}
OKP = {"kty": "OKP", "crv": "Ed25519"}


@pytest.mark.parametrize("values", [{**RSA, "e": number(LARGEST_RSA_EXPONENT)}, EC])
def test_a_key_at_its_limit_is_accepted(values: dict[str, Any]) -> None:
    assert public_key({"kid": "key-1", **values}) is not None


SIZE = "an RSA key of this size is not accepted"
COORDINATE = "a coordinate is too large"
POINT = "an Ed25519 key must be a point of its curve, and not a weak one"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({**RSA, "e": number(LARGEST_RSA_EXPONENT + 1)}, SIZE),
        ({**RSA, "n": number(1 << 2046 | 1)}, SIZE),
        ({**RSA, "n": number(1 << 2047)}, "it is not an RSA key"),
        ({**RSA, "e": number(0, 1)}, "it is not an RSA key"),
        ({**EC, "x": number(P256_PRIME)}, COORDINATE),
        ({**EC, "y": number(P256_PRIME)}, COORDINATE),
        ({**OKP, "x": encoded(bytes(32))}, POINT),
        ({**OKP, "x": "AB"}, "not canonical base64url"),
    ],
)
def test_why_a_key_is_refused_is_told(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        public_key({"kid": "key-1", **values})


def test_every_letter_may_be_the_last() -> None:
    assert [decode_base64url(f"AAA{each}") for each in "AXY_-"] == [
        b"\0\0\0",
        b"\0\0\x17",
        b"\0\0\x18",
        b"\0\0\x3f",
        b"\0\0\x3e",
    ]
