"""Tokens that nobody should accept, by what is wrong with them."""

import base64
import hashlib
import json
from collections.abc import Callable

from carafe.testing.tokens import AUDIENCE
from tests.support.forger import MISSING, Forger, changed, encoded, json_part

Forgery = Callable[[Forger], str]


def _swapped_payload(forger: Forger) -> str:
    header, _, signature = forger.good().split(".")
    return f"{header}.{json_part(changed(forger.claims, {'sub': 'john'}))}.{signature}"


def _der(raw: bytes) -> bytes:
    r, s = (int.from_bytes(part).to_bytes(33) for part in (raw[:32], raw[32:]))
    return b"\x30\x46\x02\x21" + r + b"\x02\x21" + s


def _raw_claims(text: str) -> Forgery:
    """Return a forgery whose claims are this text, signed by the issuer itself."""
    return lambda f: f.signed(json_part(f.header), encoded(text.encode()), f.by_issuer)


def _claims_with(name: str, value: str) -> Forgery:
    """Return a forgery with one claim as no JSON library would write it."""

    def forge(forger: Forger) -> str:
        text = json.dumps(changed(forger.claims, {name: MISSING}))
        return _raw_claims(f'{text[:-1]}, "{name}": {value}}}')(forger)

    return forge


def _twice(name: str) -> Forgery:
    """Return a forgery in which a claim stands twice, the second time as it should be."""

    def forge(forger: Forger) -> str:
        text = json.dumps(forger.claims)
        return _raw_claims(f'{{"{name}": "other", {text[1:]}')(forger)

    return forge


def _stretched(forger: Forger) -> str:
    """Return a token whose signature ends in bits that base64url leaves unused, set to one."""
    token = forger.good()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    return token[:-1] + alphabet[last | 1]


def _in_json(forger: Forger) -> str:
    """Return a right token in JSON's form (RFC 7515, section 7.2), which is not for headers."""
    header, claims, signature = forger.good().split(".")
    return json.dumps({"protected": header, "payload": claims, "signature": signature})


ALGORITHMS: dict[str, Forgery] = {
    "no algorithm, no signature": lambda f: f.token({"alg": "none"}, {}, lambda _: b""),
    "none in capitals": lambda f: f.token({"alg": "NONE"}, {}, lambda _: b""),
    "none in mixed case": lambda f: f.token({"alg": "nOnE"}, {}, lambda _: b""),
    "none over a right signature": lambda f: f.with_header(alg="none"),
    "none over somebody's signature": lambda f: f.thieves(alg="none"),
    "algorithm left out": lambda f: f.with_header(alg=MISSING),
    "algorithm empty": lambda f: f.with_header(alg=""),
    "algorithm a list": lambda f: f.with_header(alg=["ES256"]),
    "algorithm null": lambda f: f.with_header(alg=None),
    "algorithm in small letters": lambda f: f.with_header(alg="es256"),
    "another curve's algorithm": lambda f: f.with_header(alg="ES384"),
    "algorithm with a space": lambda f: f.with_header(alg="ES256 "),
    "algorithm in other letters": lambda f: f.with_header(alg="\u0415S256"),
    # CVE-2026-48523 of PyJWT: the header names one algorithm, the key verifies by another.
    "RS256 over a right signature": lambda f: f.with_header(alg="RS256"),
    "EdDSA over a right signature": lambda f: f.with_header(alg="EdDSA"),
    "Ed25519 over a right signature": lambda f: f.with_header(alg="Ed25519"),
    "HS256 over a right signature": lambda f: f.with_header(alg="HS256"),
    "PS256": lambda f: f.token({"alg": "PS256"}, {}, f.by_thief_rsa),
    "RS256 with the issuer's key id": lambda f: f.token({"alg": "RS256"}, {}, f.by_thief_rsa),
    "HS256 with the public key's PEM": lambda f: f.token(
        {"alg": "HS256"}, {}, f.by_secret(f.public_pem)
    ),
    "HS256 with the PEM and no line end": lambda f: f.token(
        {"alg": "HS256"}, {}, f.by_secret(f.public_pem.strip())
    ),
    # CVE-2022-29217 of PyJWT, CVE-2024-33663 of python-jose: forms that were not taken for keys.
    "HS256 with the public key for OpenSSH": lambda f: f.token(
        {"alg": "HS256"}, {}, f.by_secret(f.public_openssh)
    ),
    "HS256 with the public key's DER": lambda f: f.token(
        {"alg": "HS256"}, {}, f.by_secret(f.public_der)
    ),
    "HS256 with the public key's JSON": lambda f: f.token(
        {"alg": "HS256"}, {}, f.by_secret(json.dumps(f.real).encode())
    ),
    "HS256 with a coordinate": lambda f: f.token(
        {"alg": "HS256"}, {}, f.by_secret(f.real["x"].encode())
    ),
    "HS256 with an empty secret": lambda f: f.token({"alg": "HS256"}, {}, f.by_secret(b"")),
    "HS512 with the public key's PEM": lambda f: f.token(
        {"alg": "HS512"}, {}, f.by_secret(f.public_pem, "sha512")
    ),
}

KEYS: dict[str, Forgery] = {
    "a thief's key under the issuer's id": lambda f: f.thieves(),
    "a thief's key under its own id": lambda f: f.thieves(kid=f.thief["kid"]),
    "an embedded key": lambda f: f.thieves(jwk=f.thief, kid=f.thief["kid"]),
    "an embedded key without id": lambda f: f.thieves(jwk=f.thief, kid=MISSING),
    "an embedded key under the issuer's id": lambda f: f.thieves(jwk=f.thief),
    "jku": lambda f: f.thieves(jku=f"{f.trap}/jwks.json", kid=f.thief["kid"]),
    "jku under the issuer's id": lambda f: f.thieves(jku=f"{f.trap}/jwks.json"),
    "jku that begins like the issuer": lambda f: f.thieves(
        jku=f"{f.claims['iss']}@{f.trap.removeprefix('http://')}/jwks.json", kid=f.thief["kid"]
    ),
    "x5u": lambda f: f.thieves(x5u=f"{f.trap}/certificate.pem", kid=f.thief["kid"]),
    "x5u under the issuer's id": lambda f: f.thieves(x5u=f"{f.trap}/certificate.pem"),
    "x5c": lambda f: f.thieves(x5c=[base64.b64encode(b"certificate").decode()]),
    "the trap as issuer": lambda f: f.token({"kid": f.thief["kid"]}, {"iss": f.trap}, f.by_thief),
    "key id a path, with an empty secret": lambda f: f.token(
        {"alg": "HS256", "kid": "../../../../../../dev/null"}, {}, f.by_secret(b"")
    ),
    "key id a path": lambda f: f.thieves(kid="/dev/null"),
    "key id an address": lambda f: f.thieves(kid=f"{f.trap}/jwks.json"),
    "key id an operator": lambda f: f.thieves(kid={"$ne": ""}),
    "key id a statement": lambda f: f.thieves(kid="' OR '1'='1"),
    "key id a number": lambda f: f.with_header(kid=1),
    "key id left out": lambda f: f.with_header(kid=MISSING),
    "key id null": lambda f: f.with_header(kid=None),
    "key id with more behind a NUL": lambda f: f.with_header(kid=f"{f.real['kid']}\0"),
    "key id in other letters": lambda f: f.with_header(kid=f.real["kid"].swapcase()),
}

EXTENSIONS: dict[str, Forgery] = {
    "crit of something unknown": lambda f: f.with_header(crit=["http://x"], **{"http://x": 1}),
    "crit b64": lambda f: f.with_header(crit=["b64"], b64=False),
    "crit of a known claim": lambda f: f.with_header(crit=["exp"]),
    "crit empty": lambda f: f.with_header(crit=[]),
    # CVE-2026-32597 of PyJWT: what a token demands to be understood was ignored.
    "crit of a parameter that is there": lambda f: f.with_header(crit=["kid"]),
    "crit a text": lambda f: f.with_header(crit="b64"),
    "crit null": lambda f: f.with_header(crit=None),
    "crit false": lambda f: f.with_header(crit=False),
    "another kind of token": lambda f: f.with_header(typ="logout+jwt"),
    "a security event": lambda f: f.with_header(typ="secevent+jwt"),
    "an encrypted token's kind": lambda f: f.with_header(typ="JWE"),
    "kind a number": lambda f: f.with_header(typ=1),
}

CLAIMS: dict[str, Forgery] = {
    "another issuer": lambda f: f.good(iss="https://id.example.com"),
    "issuer with a slash": lambda f: f.good(iss=f"{f.claims['iss']}/"),
    "issuer in capitals": lambda f: f.good(iss=f.claims["iss"].upper()),
    "issuer left out": lambda f: f.good(iss=MISSING),
    # CVE-2026-75509 of joserfc: a list was searched for the issuer.
    "issuers a list": lambda f: f.good(iss=[f.claims["iss"]]),
    "issuers a list with another": lambda f: f.good(
        iss=["https://id.example.com", f.claims["iss"]]
    ),
    # CVE-2024-53861 of PyJWT: a part of the issuer's name was enough.
    "issuer a beginning": lambda f: f.good(iss=f.claims["iss"][:-1]),
    "issuer a part": lambda f: f.good(iss="http"),
    "issuer empty": lambda f: f.good(iss=""),
    "another audience": lambda f: f.good(aud="another-service"),
    "audience left out": lambda f: f.good(aud=MISSING),
    "audience a beginning": lambda f: f.good(aud=AUDIENCE[:-1]),
    "audience longer": lambda f: f.good(aud=f"{AUDIENCE}-2"),
    "no audiences": lambda f: f.good(aud=[]),
    "audiences a table": lambda f: f.good(aud={AUDIENCE: True}),
    "audiences in one text": lambda f: f.good(aud=f"another {AUDIENCE}"),
    "expired": lambda f: f.good(exp=f.now - 60),
    "expired long ago": lambda f: f.good(exp=1),
    "expiry left out": lambda f: f.good(exp=MISSING),
    "expiry null": lambda f: f.good(exp=None),
    "expiry a text": lambda f: f.good(exp=str(f.now + 600)),
    "expiry a truth": lambda f: f.good(exp=True),
    "expiry negative": lambda f: f.good(exp=-1),
    "expiry no number": _claims_with("exp", "NaN"),
    "expiry infinite": _claims_with("exp", "Infinity"),
    "expiry beyond all numbers": _claims_with("exp", "1e999"),
    "expiry of too many digits": _claims_with("exp", "9" * 5000),
    "expiry in milliseconds": lambda f: f.good(exp=f.now * 1_000_000_000),
    "too early": lambda f: f.good(nbf=f.now + 300),
    "not-before a text": lambda f: f.good(nbf="now"),
    "issued in the future": lambda f: f.good(iat=f.now + 300),
    "subject left out": lambda f: f.good(sub=MISSING),
    "subject empty": lambda f: f.good(sub=""),
    "subject a list": lambda f: f.good(sub=["maria"]),
    "subject with a line end": lambda f: f.good(sub="maria\n"),
    "subject too long": lambda f: f.good(sub="m" * 201),
    "scope a number": lambda f: f.good(scope=1),
    "audience twice": _twice("aud"),
    "issuer twice": _twice("iss"),
    "subject twice": _twice("sub"),
}

SHAPES: dict[str, Forgery] = {
    "nothing": lambda _: "",
    "a word": lambda _: "open-sesame",
    "dots": lambda _: "..",
    "no signature": lambda f: f.good().rpartition(".")[0] + ".",
    "two parts": lambda f: f.good().rpartition(".")[0],
    "four parts": lambda f: f.good() + ".e30",
    "encrypted": lambda f: "e30." + f.good() + ".e30",
    "the form in JSON": _in_json,
    "the general form in JSON": lambda f: json.dumps({"signatures": [json.loads(_in_json(f))]}),
    "the payload detached": lambda f: ".".join(f.good().split(".")[::2]).replace(".", ".."),
    "a line end inside": lambda f: f.good()[:50] + "\n" + f.good()[50:],
    "the payload of another token": _swapped_payload,
    "a bit of the signature": lambda f: f.with_signature(lambda raw: bytes([raw[0] ^ 1]) + raw[1:]),
    "a shorter signature": lambda f: f.with_signature(lambda raw: raw[:-1]),
    "a longer signature": lambda f: f.with_signature(lambda raw: raw + b"\0"),
    "a zero between the halves": lambda f: f.with_signature(
        lambda raw: raw[:32] + b"\0" + raw[32:]
    ),
    "a signature of zeros": lambda f: f.with_signature(lambda raw: bytes(len(raw))),
    "a signature of the curve's order": lambda f: f.with_signature(
        lambda _: bytes.fromhex(
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551" * 2
        )
    ),
    "a signature the other way round": lambda f: f.with_signature(lambda raw: raw[32:] + raw[:32]),
    "a signature in DER": lambda f: f.with_signature(_der),
    "a hash as signature": lambda f: f.token({}, {}, lambda m: hashlib.sha512(m).digest()),
    "claims a list": _raw_claims("[]"),
    "claims a text": _raw_claims('"maria"'),
    "claims empty": _raw_claims("{}"),
    "claims no JSON": _raw_claims("{sub: maria}"),
    "claims very deep": _raw_claims("[" * 3000),
    "claims no UTF-8": lambda f: f.signed(
        json_part(f.header), encoded(b'{"sub": "\xff"}'), f.by_issuer
    ),
    "header no JSON": lambda f: f.signed(encoded(b"ES256"), json_part(f.claims), f.by_issuer),
    "header with an algorithm twice": lambda f: f.signed(
        encoded(b'{"alg": "none", ' + json.dumps(f.header).encode()[1:]),
        json_part(f.claims),
        f.by_issuer,
    ),
    "padding": lambda f: f.good() + "==",
    "bits that say nothing": _stretched,
    "a space in front": lambda f: " " + f.good(),
    "a space behind": lambda f: f.good() + " ",
    "a comma and another": lambda f: f"{f.good()}, {f.good()}",
    "the other base64": lambda f: f.good().replace("-", "+").replace("_", "/") + "+/",
    "letters of other alphabets": lambda f: f.good().replace("e", "\u0435"),
    "very long": lambda f: f.good(note="x" * 9000),
}

FORGERIES = {**ALGORITHMS, **KEYS, **EXTENSIONS, **CLAIMS, **SHAPES}
