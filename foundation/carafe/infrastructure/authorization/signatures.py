"""The signatures that tokens may have, and the public keys that verify them.

The algorithm follows from the key, so a token cannot choose how its signature is verified.
Keys: RFC 7517; signatures: RFC 7518, RFC 8037.
"""

import base64
import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from carafe.contracts.first_use import complete

RSA_BITS = range(2048, 4096 + 1)
LARGEST_RSA_EXPONENT = 2**32 + 1

P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_BYTES = 32

ED25519_PRIME = 2**255 - 19
ED25519_D = -121665 * pow(121666, -1, ED25519_PRIME) % ED25519_PRIME
_EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
ED25519_WEAK_POINTS = {0, 1, ED25519_PRIME - 1, _EIGHTH, ED25519_PRIME - _EIGHTH}
"""The y of each point of which at most the eightfold is zero: anybody can sign for such a key."""

VerifySignature = Callable[[bytes, bytes], object]
"""Takes message and signature; raises InvalidSignature if they do not match."""


class _Jwk(msgspec.Struct):
    """The relevant fields of a JSON Web Key; a private part, if any, is not read."""

    kty: str
    kid: str
    use: str = "sig"
    key_ops: list[str] = msgspec.field(default_factory=lambda: ["verify"])
    alg: str | None = None
    crv: str | None = None
    x: str = ""
    y: str = ""
    n: str = ""
    e: str = ""


class PublicKey(Struct, frozen=True):
    """A key of the issuer.

    Attributes:
        id: how tokens refer to it.
        algorithms: all names of its algorithm.
    """

    id: str
    algorithms: tuple[str, ...]
    _verify: VerifySignature

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Return whether the message was signed with this key's private part."""
        try:
            self._verify(message, signature)
        except InvalidSignature:
            return False
        return True


def public_key(values: Mapping[str, Any]) -> PublicKey | None:
    """Read a JSON Web Key.

    Returns:
        None if it has another purpose: encryption, another algorithm, a shared secret.

    Raises:
        ValueError: it is malformed, or too weak.
    """
    jwk = msgspec.convert(values, complete(_Jwk))  # a ValidationError is a ValueError
    key_type = _KEY_TYPES.get((jwk.kty, jwk.crv))
    if key_type is None or jwk.use != "sig" or "verify" not in jwk.key_ops:
        return None
    algorithms, read = key_type
    if jwk.alg not in {None, *algorithms}:
        return None
    return PublicKey(jwk.kid, algorithms, read(jwk))


def decode_base64url(text: str) -> bytes:
    """Decode canonical base64url without padding (RFC 7515).

    Raises:
        ValueError: the text has any other form.
    """
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not canonical base64url")
    return raw


def _rsa(jwk: _Jwk) -> VerifySignature:
    modulus, exponent = _number(jwk.n), _number(jwk.e)
    if modulus.bit_length() not in RSA_BITS or exponent > LARGEST_RSA_EXPONENT:
        raise ValueError("an RSA key of this size is not accepted")
    if modulus % 2 == 0 or math.gcd(modulus, exponent) != 1:
        raise ValueError("it is not an RSA key")  # OpenSSL would not notice
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    scheme, algorithm = padding.PKCS1v15(), SHA256()
    return lambda message, signature: key.verify(signature, message, scheme, algorithm)


def _p256(jwk: _Jwk) -> VerifySignature:
    x, y = _number(jwk.x), _number(jwk.y)
    if max(x, y) >= P256_PRIME:
        raise ValueError("a coordinate is too large")  # OpenSSL would reduce it
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    algorithm = ec.ECDSA(SHA256())

    def verify(message: bytes, signature: bytes) -> None:
        if len(signature) != 2 * P256_BYTES:
            raise InvalidSignature
        r, s = signature[:P256_BYTES], signature[P256_BYTES:]
        der = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
        key.verify(der, message, algorithm)

    return verify


def _ed25519(jwk: _Jwk) -> VerifySignature:
    raw = decode_base64url(jwk.x)
    key = ed25519.Ed25519PublicKey.from_public_bytes(raw)
    _require_safe_point(int.from_bytes(raw, "little") % 2**255)  # without the sign of x
    return lambda message, signature: key.verify(signature, message)


def _require_safe_point(y: int) -> None:
    """Check what OpenSSL does not check of an Ed25519 key (RFC 8032, section 5.1.3).

    Raises:
        ValueError: no point of the curve has this y, or the point is weak.
    """
    numerator, denominator = y * y - 1, ED25519_D * y * y + 1
    has_x = pow(numerator * denominator, (ED25519_PRIME - 1) // 2, ED25519_PRIME) == 1
    if y >= ED25519_PRIME or y in ED25519_WEAK_POINTS or not has_x:
        raise ValueError("an Ed25519 key must be a point of its curve, and not a weak one")


def _number(text: str) -> int:
    return int.from_bytes(decode_base64url(text))


_KEY_TYPES: Mapping[
    tuple[str, str | None], tuple[tuple[str, ...], Callable[[_Jwk], VerifySignature]]
] = {
    ("RSA", None): (("RS256",), _rsa),
    ("EC", "P-256"): (("ES256",), _p256),
    ("OKP", "Ed25519"): (("EdDSA", "Ed25519"), _ed25519),  # the new name: RFC 9864
}

ALGORITHMS = frozenset(name for names, _ in _KEY_TYPES.values() for name in names)
"""The algorithms that the header of a token may name; `none` is not among them."""
