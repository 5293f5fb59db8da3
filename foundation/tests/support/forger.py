"""Makes tokens that are almost right, with a thief's key or even with the issuer's own."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from carafe.development.servers.issuer import Signer, load_or_create_key, sign_es256
from carafe.testing.tokens import AUDIENCE

Sign = Callable[[bytes], bytes]

MISSING = object()
"""In place of a value: the field is left out."""


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def json_part(values: object) -> str:
    return encoded(json.dumps(values).encode())


def changed(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in {**values, **changes}.items() if each is not MISSING}


class Forger:
    """Makes tokens that are almost right.

    Args:
        issuer: the real one's address.
        key_file: the real one's private key.
        trap: address of a server that serves the thief's keys to whoever asks there.
    """

    def __init__(self, issuer: str, key_file: Path, trap: str) -> None:
        self.trap = trap
        self._key = load_or_create_key(key_file)
        self.real = Signer(issuer, self._key).public
        self.thief_key = ec.generate_private_key(ec.SECP256R1())
        self.thief = Signer(trap, self.thief_key).public
        self.thief_rsa = rsa.generate_private_key(65537, 2048)
        now = int(time.time())
        self.now = now
        self.header = {"alg": "ES256", "kid": self.real["kid"], "typ": "at+jwt"}
        self.claims: dict[str, Any] = {
            "iss": issuer,
            "sub": "maria",
            "aud": AUDIENCE,
            "exp": now + 600,
            "nbf": now,
            "iat": now,
            "scope": "orders:read orders:write",
        }

    # How tokens are signed

    def by_issuer(self, message: bytes) -> bytes:
        return sign_es256(self._key, message)

    def by_thief(self, message: bytes) -> bytes:
        return sign_es256(self.thief_key, message)

    def by_thief_rsa(self, message: bytes) -> bytes:
        return self.thief_rsa.sign(message, padding.PKCS1v15(), SHA256())

    @staticmethod
    def by_secret(secret: bytes, kind: str = "sha256") -> Sign:
        return lambda message: hmac.new(secret, message, kind).digest()

    @property
    def public_pem(self) -> bytes:
        public = self._key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def public_openssh(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)

    @property
    def public_der(self) -> bytes:
        public = self._key.public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    # What is signed

    def token(self, header: dict[str, Any], claims: dict[str, Any], sign: Sign) -> str:
        """Return a token with changed header and claims, signed somehow."""
        parts = json_part(changed(self.header, header)), json_part(changed(self.claims, claims))
        return self.signed(*parts, sign)

    def signed(self, header: str, claims: str, sign: Sign) -> str:
        """Return a token of two parts as they are, signed somehow."""
        return f"{header}.{claims}.{encoded(sign(f'{header}.{claims}'.encode()))}"

    def good(self, **claims: Any) -> str:  # noqa: ANN401 - any claim
        """Return a token of the issuer, with changed claims."""
        return self.token({}, claims, self.by_issuer)

    def with_header(self, **header: Any) -> str:  # noqa: ANN401 - any parameter
        """Return a token of the issuer, with a changed header."""
        return self.token(header, {}, self.by_issuer)

    def thieves(self, **header: Any) -> str:  # noqa: ANN401 - any parameter
        """Return a token of the thief, with a changed header."""
        return self.token(header, {}, self.by_thief)

    def with_signature(self, change: Callable[[bytes], bytes]) -> str:
        """Return a token whose signature was changed after it was made."""
        return self.token({}, {}, lambda message: change(self.by_issuer(message)))
