"""The signatures that tokens may carry, and the public keys that check them.

Each key serves one algorithm, which follows from the key: a token cannot have its signature
checked in another way than the issuer meant. Key forms: RFC 7517; signatures: RFC 7518, RFC 8037.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from Cryptodome.Hash import SHA256
from Cryptodome.PublicKey import ECC, RSA
from Cryptodome.Signature import DSS, eddsa, pkcs1_15
from msgspec import Struct

RSA_BITS = range(2048, 4096 + 1)
LARGEST_RSA_EXPONENT = 2**32 + 1

Check = Callable[[bytes, bytes], object]
"""Takes message and signature; raises ValueError if they do not belong together."""


class _Jwk(msgspec.Struct):
    """The fields of a JSON Web Key that matter; a private part, if any, is not even read."""

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
        id: how tokens name it.
        algorithms: the names of the one that it serves.
    """

    id: str
    algorithms: tuple[str, ...]
    _check: Check

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether the signature of a message was made with this key's private part."""
        try:
            self._check(message, signature)
        except ValueError:
            return False
        return True


def public_key(values: Mapping[str, Any]) -> PublicKey | None:
    """Read a JSON Web Key.

    Returns:
        None if it serves something else: encryption, another algorithm, a shared secret.

    Raises:
        ValueError: it is malformed, or too weak.
    """
    jwk = msgspec.convert(values, _Jwk)  # a ValidationError is a ValueError
    kind = _KINDS.get((jwk.kty, jwk.crv))
    if kind is None or jwk.use != "sig" or "verify" not in jwk.key_ops:
        return None
    algorithms, read = kind
    if jwk.alg not in {None, *algorithms}:
        return None
    return PublicKey(jwk.kid, algorithms, read(jwk))


def decoded(text: str) -> bytes:
    """Decode base64url without padding (RFC 7515), in its one canonical form.

    Raises:
        ValueError: it is anything else.
    """
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not canonical base64url")
    return raw


def _rsa(jwk: _Jwk) -> Check:
    modulus, exponent = _number(jwk.n), _number(jwk.e)
    if modulus.bit_length() not in RSA_BITS or exponent > LARGEST_RSA_EXPONENT:
        raise ValueError("an RSA key of this size is not accepted")
    scheme = pkcs1_15.new(RSA.construct((modulus, exponent)))
    return lambda message, signature: scheme.verify(SHA256.new(message), signature)


def _p256(jwk: _Jwk) -> Check:
    key = ECC.construct(curve="P-256", point_x=_number(jwk.x), point_y=_number(jwk.y))
    scheme = DSS.new(key, "fips-186-3")
    return lambda message, signature: scheme.verify(SHA256.new(message), signature)


def _ed25519(jwk: _Jwk) -> Check:
    scheme = eddsa.new(eddsa.import_public_key(decoded(jwk.x)), "rfc8032")
    return scheme.verify


def _number(text: str) -> int:
    return int.from_bytes(decoded(text))


_KINDS: Mapping[tuple[str, str | None], tuple[tuple[str, ...], Callable[[_Jwk], Check]]] = {
    ("RSA", None): (("RS256",), _rsa),
    ("EC", "P-256"): (("ES256",), _p256),
    ("OKP", "Ed25519"): (("EdDSA", "Ed25519"), _ed25519),  # the new name: RFC 9864
}

ALGORITHMS = frozenset(name for names, _ in _KINDS.values() for name in names)
"""What the header of a token may name; nothing else is looked at, least of all `none`."""
