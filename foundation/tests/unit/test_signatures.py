"""Signatures are checked as the RFCs say, against vectors and a library of another make."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from carafe.infrastructure.authorization.signatures import (
    PublicKey,
    decode_base64url,
    public_key,
)

# RFC 7515, appendices A.2 and A.3, and RFC 8037, appendix A.4: key, algorithm, token.
CLAIMS_OF_RFC_7515 = (
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)
RSA_MODULUS = (
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt"
    "0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
    "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5"
    "IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
)
RSA_SIGNATURE = (
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W"
    "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS"
    "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv"
    "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
)
VECTORS = {
    "RS256": (
        {
            "kty": "RSA",
            "n": RSA_MODULUS,
            "e": "AQAB",
        },
        f"eyJhbGciOiJSUzI1NiJ9.{CLAIMS_OF_RFC_7515}",
        RSA_SIGNATURE,
    ),
    "ES256": (
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
        f"eyJhbGciOiJFUzI1NiJ9.{CLAIMS_OF_RFC_7515}",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ),
    "EdDSA": (
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        },
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ),
}


def read(values: dict[str, Any]) -> PublicKey:
    key = public_key({"kid": "key-1", **values})
    assert key is not None
    return key


@pytest.mark.parametrize("algorithm", VECTORS)
def test_the_vectors_of_the_rfcs_are_accepted(algorithm: str) -> None:
    values, message, signature = VECTORS[algorithm]
    key = read(values)
    assert algorithm in key.algorithms
    assert key.has_signed(message.encode(), decode_base64url(signature))
    assert not key.has_signed(message.encode() + b"x", decode_base64url(signature))
    for position in (0, 31, 32, 63):
        changed = bytearray(decode_base64url(signature))
        changed[position] ^= 1
        assert not key.has_signed(message.encode(), bytes(changed))
    for other in (
        b"",
        decode_base64url(signature)[:-1],
        decode_base64url(signature) + b"\0",
        decode_base64url(signature)[:32] + b"\0" + decode_base64url(signature)[32:],
        bytes(64),
    ):
        assert not key.has_signed(message.encode(), other)


MADE_ELSEWHERE: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
    "Ed25519": OKPKey.generate_key("Ed25519"),
}


@pytest.mark.parametrize("algorithm", MADE_ELSEWHERE)
def test_signatures_of_another_library_are_accepted(algorithm: str) -> None:
    private = MADE_ELSEWHERE[algorithm]
    key = read(private.as_dict(private=False))
    assert algorithm in key.algorithms
    for number in range(20):
        token = jws.serialize_compact(
            {"alg": algorithm}, f"message {number}", private, algorithms=[algorithm]
        )
        message, _, signature = token.rpartition(".")
        assert key.has_signed(message.encode(), decode_base64url(signature))
        assert not key.has_signed(message.encode()[:-1], decode_base64url(signature))


def test_the_private_part_of_a_key_is_not_needed_and_not_kept() -> None:
    private = MADE_ELSEWHERE["ES256"].as_dict(private=True)
    assert "d" in private
    assert private["d"] not in repr(read(private))


EC = VECTORS["ES256"][0]
RSA = VECTORS["RS256"][0]


def number(value: int) -> str:
    """Return a number as a key would hold it."""
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def number_of_bits(bits: int) -> str:
    """Return an odd number as a key would hold it."""
    return number((1 << (bits - 1)) + 1)


def larger_by(difference: int, text: str) -> str:
    """Return a key's number made larger."""
    return number(int.from_bytes(decode_base64url(text)) + difference)


P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ED25519_PRIME = 2**255 - 19
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")

UNSAFE_POINTS = [
    base64.urlsafe_b64encode((y | sign << 255).to_bytes(32, "little")).decode().rstrip("=")
    for sign in (0, 1)
    for y in (
        0,
        1,
        ED25519_PRIME - 1,
        int.from_bytes(ORDER_8, "little"),
        ED25519_PRIME - int.from_bytes(ORDER_8, "little"),
        2,  # no point of the curve
        *range(ED25519_PRIME, 2**255),  # a second form of a smaller number
    )
]
"""Points of a small order, and what is no point: OpenSSL reads them as keys for Ed25519."""


def test_the_size_of_an_accepted_key_is_the_one_thing_wrong_with_the_others() -> None:
    for bits in (2048, 4096):
        assert read({**RSA, "n": number_of_bits(bits)}).algorithms == ("RS256",)


@pytest.mark.parametrize(
    "values",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {**EC, "use": "enc"},
        {**EC, "key_ops": ["sign"]},
        {**EC, "alg": "ES512"},
        {**EC, "crv": "P-384"},
        {**EC, "crv": "secp256k1"},
        {**RSA, "alg": "RS1"},
        {**RSA, "alg": "HS256"},
        {**RSA, "alg": "RSA-OAEP"},
        {"kty": "OKP", "crv": "X25519", "x": VECTORS["EdDSA"][0]["x"]},
    ],
)
def test_keys_for_something_else_are_passed_over(values: dict[str, Any]) -> None:
    assert public_key({"kid": "key-1", **values}) is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        {**EC, "kid": 1},
        {**EC, "x": EC["y"]},
        {**EC, "x": ""},
        {**EC, "x": EC["x"] + "="},
        {**EC, "x": "A" * 44},
        {**EC, "x": larger_by(P256_PRIME, EC["x"])},
        {**EC, "y": larger_by(P256_PRIME, EC["y"])},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {**RSA, "n": number_of_bits(1024)},
        {**RSA, "n": number_of_bits(2047)},
        {**RSA, "n": number_of_bits(4097)},
        {**RSA, "e": number_of_bits(64)},
        {**RSA, "e": "AA"},
        {**RSA, "e": ""},
        {**RSA, "e": "AQ"},
        {**RSA, "n": larger_by(1, RSA["n"])},
        {**RSA, "e": "CQ", "n": number(9 << 2044 | 9)},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "_" * 43},
        *({"kty": "OKP", "crv": "Ed25519", "x": x} for x in UNSAFE_POINTS),
    ],
)
def test_malformed_and_weak_keys_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        public_key({"kid": "key-1", **values} if values else {})


@given(st.binary())
def test_base64url_has_one_form_for_each_value(raw: bytes) -> None:
    text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert decode_base64url(text) == raw


@pytest.mark.parametrize("text", ["A", "AB", "AA=", "AA==", "A+/A", "A A", "AAAA\n", "é"])
def test_every_other_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_base64url(text)


def test_the_vectors_are_what_they_say() -> None:
    assert json.loads(decode_base64url(CLAIMS_OF_RFC_7515))["iss"] == "joe"
