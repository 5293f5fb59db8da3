"""An issuer of tokens: `python -m carafe.development.servers.issuer --port N`.

It serves what the service needs of OpenID Connect, discovery and keys, and gives a token to
whoever asks for one. Settings accept such an issuer in the local stage only. Its key is made at
the first start and kept in the folder that it runs in, so that tokens outlive a restart.
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

from Cryptodome.Hash import SHA256
from Cryptodome.PublicKey import ECC
from Cryptodome.Signature import DSS

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
"""What each field of a request for a token must look like (scope: RFC 6749, section 3.3)."""


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
        issuer: its own address, as tokens name it.
        key: private, on the curve P-256.
    """

    def __init__(self, issuer: str, key: ECC.EccKey) -> None:
        self.issuer = issuer
        self._key = key
        point = key.public_key().pointQ
        coordinates = {name: _encoded(int(getattr(point, name)).to_bytes(32)) for name in "xy"}
        public = {"crv": "P-256", "kty": "EC", **coordinates}
        thumbprint = hashlib.sha256(json.dumps(public, separators=(",", ":")).encode()).digest()
        self.public = {**public, "kid": _encoded(thumbprint), "use": "sig", "alg": "ES256"}

    def token(self, subject: str, audience: str, scope: str) -> str:
        """Return a token that is valid from now on."""
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + LIFETIME_SECONDS}
        named = {"iss": self.issuer, "sub": subject, "aud": audience, "scope": scope}
        return self.sign({"kid": self.public["kid"], "typ": "at+jwt"}, named | times)

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Return claims, signed."""
        parts = [json.dumps(part).encode() for part in ({"alg": "ES256", **header}, claims)]
        signed = ".".join(map(_encoded, parts))
        scheme = DSS.new(self._key, "fips-186-3")
        return f"{signed}.{_encoded(scheme.sign(SHA256.new(signed.encode())))}"


class Handler(JsonHandler):
    """Speaks HTTP for the signer."""

    longest_body = 8192

    def do_GET(self) -> None:
        """Discovery and keys."""
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
        """`POST /token`, with a form of subject, audience and scope."""
        body = self.body()
        wanted = _wanted(body) if body and urlsplit(self.path).path == TOKEN else None
        if wanted is None:
            self._send(HTTPStatus.BAD_REQUEST, {"error": "invalid_request"})
            return
        token = cast(Server, self.server).signer.token(**wanted)
        granted = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}
        self._send(HTTPStatus.OK, granted)

    def _send(self, status: HTTPStatus, answer: dict[str, Any]) -> None:
        self.answer(status, json.dumps(answer).encode(), Cache_Control="no-store")


class Server(JsonServer):
    """One signer for all connections."""

    def __init__(self, port: int, key: ECC.EccKey) -> None:
        super().__init__(port, Handler)
        self.signer = Signer(f"http://127.0.0.1:{port}", key)


def kept_key(file: Path = KEY_FILE) -> ECC.EccKey:
    """Return the key in a file; without one, make it, for its owner's eyes only."""
    if not file.exists():
        new = file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(ECC.generate(curve="P-256").export_key(format="PEM"))
        new.replace(file)
    return ECC.import_key(file.read_text())


def _wanted(body: bytes) -> dict[str, str] | None:
    """Read a form; nothing if it is not exactly the fields, each as it must look."""
    try:
        form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=len(FIELDS))
    except ValueError:
        return None
    wanted = {name: values[0] for name, values in form.items() if len(values) == 1}
    fits = [name in wanted and form_of.fullmatch(wanted[name]) for name, form_of in FIELDS.items()]
    return wanted if all(fits) and form.keys() == FIELDS.keys() else None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def main() -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    os.umask(0o077)
    Server(parser.parse_args().port, kept_key()).serve_forever()


if __name__ == "__main__":
    main()
