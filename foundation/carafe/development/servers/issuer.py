"""A token issuer: `python -m carafe.development.servers.issuer --port N`.

It serves the parts of OpenID Connect that a service needs, discovery and keys, and issues a token
to any caller. Settings accept such an issuer in the local stage only. It generates its key at the
first start and keeps it in its working directory, so that tokens outlive a restart.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from .json_server import JsonHandler, JsonServer
from .python_server import PythonServer

KEY_FILE = Path("key.pem")
LIFETIME_SECONDS = 8 * 3600

DISCOVERY = "/.well-known/openid-configuration"
KEYS = "/jwks.json"
TOKEN = "/token"  # noqa: S105 - a path

FIELDS = {
    "subject": re.compile(r"[\x20-\x7e]{1,200}"),
    "audience": re.compile(r"[\x21-\x7e]{1,255}"),
    "scope": re.compile(r"([\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*)?"),
}
"""The pattern of each field of a token request (scope: RFC 6749, section 3.3)."""


class TokenIssuer(PythonServer):
    """The issuer as a child process."""

    name = "Issuer"
    module = "carafe.development.servers.issuer"
    variable = "TOKEN_ISSUER"
    usual_port = 8091
    probe_path = DISCOVERY


class Signer:
    """Signs tokens with ES256.

    Args:
        issuer: its own address, the `iss` of its tokens.
        key: a private key on the curve P-256.
    """

    def __init__(self, issuer: str, key: ec.EllipticCurvePrivateKey) -> None:
        self.issuer = issuer
        self._key = key
        point = key.public_key().public_numbers()
        coordinates = {name: _base64url(getattr(point, name).to_bytes(32)) for name in "xy"}
        public = {"crv": "P-256", "kty": "EC", **coordinates}
        thumbprint = hashlib.sha256(json.dumps(public, separators=(",", ":")).encode()).digest()
        self.public = {**public, "kid": _base64url(thumbprint), "use": "sig", "alg": "ES256"}

    def token(self, subject: str, audience: str, scope: str) -> str:
        """Return an access token that is valid from now on."""
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + LIFETIME_SECONDS}
        claims = {"iss": self.issuer, "sub": subject, "aud": audience, "scope": scope}
        return self.sign({"kid": self.public["kid"], "typ": "at+jwt"}, claims | times)

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Return a JWT with these claims."""
        parts = [json.dumps(part).encode() for part in ({"alg": "ES256", **header}, claims)]
        signing_input = ".".join(map(_base64url, parts))
        return f"{signing_input}.{_base64url(sign_es256(self._key, signing_input.encode()))}"


class Handler(JsonHandler):
    """Serves discovery, keys and tokens over HTTP."""

    longest_body = 8192

    def do_GET(self) -> None:
        """Serve discovery and keys."""
        signer = cast(Server, self.server).signer
        pages: dict[str, dict[str, Any]] = {
            DISCOVERY: {
                "issuer": signer.issuer,
                "jwks_uri": signer.issuer + KEYS,
                "token_endpoint": signer.issuer + TOKEN,
                "id_token_signing_alg_values_supported": ["ES256"],
            },
            KEYS: {"keys": [signer.public]},
        }
        page = pages.get(urlsplit(self.path).path)
        if page is None:
            self._send(HTTPStatus.NOT_FOUND, {"error": "no_such_page"})
        else:
            self._send(HTTPStatus.OK, page)

    def do_POST(self) -> None:
        """Serve `POST /token`, with a form of subject, audience and scope."""
        body = self.body()
        is_token = urlsplit(self.path).path == TOKEN
        request = _read_token_request(body) if body and is_token else None
        if request is None:
            self._send(HTTPStatus.BAD_REQUEST, {"error": "invalid_request"})
            return
        token = cast(Server, self.server).signer.token(**request)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
        self._send(HTTPStatus.OK, answer)

    def _send(self, status: HTTPStatus, answer: dict[str, Any]) -> None:
        self.answer(status, json.dumps(answer).encode(), Cache_Control="no-store")


class Server(JsonServer):
    """An HTTP server with one signer for all connections."""

    def __init__(self, port: int, key: ec.EllipticCurvePrivateKey) -> None:
        super().__init__(port, Handler)
        self.signer = Signer(f"http://127.0.0.1:{port}", key)


def sign_es256(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Return the signature ES256 of a message, in the form that tokens have (RFC 7518)."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def load_or_create_key(file: Path = KEY_FILE) -> ec.EllipticCurvePrivateKey:
    """Return the key in a file; without the file, generate a key that only its owner can read."""
    if not file.exists():
        new = file.with_suffix(".new")
        new.touch(mode=0o600)
        key = ec.generate_private_key(ec.SECP256R1())
        new.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        new.replace(file)
    return cast(ec.EllipticCurvePrivateKey, load_pem_private_key(file.read_bytes(), password=None))


def _read_token_request(body: bytes) -> dict[str, str] | None:
    """Return the fields of a form, or None unless it has each once, matching its pattern."""
    try:
        form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=len(FIELDS))
    except ValueError:
        return None
    fields = {name: values[0] for name, values in form.items() if len(values) == 1}
    if fields.keys() != FIELDS.keys() or form.keys() != FIELDS.keys():
        return None
    return fields if all(FIELDS[name].fullmatch(fields[name]) for name in FIELDS) else None


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def main() -> None:
    """Serve on 127.0.0.1 until the process ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    os.umask(0o077)
    Server(parser.parse_args().port, load_or_create_key()).serve_forever()


if __name__ == "__main__":
    main()
