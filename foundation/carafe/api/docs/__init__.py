"""The page at `/docs`: the API to read and to try, from one answer and without any other host.

It reads `openapi.json` beside it and sends what is tried to the same service. The policy in its
header lets it do nothing else: its own script and style by their hashes, no other source, no frame
around it. https://www.w3.org/TR/CSP3/
"""

import base64
import functools
import hashlib
import html
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).parent

_STYLE_HERE = "/* page.css */"
_SCRIPT_HERE = "/* page.js */"
_SIGN_IN_HERE = "<!-- sign in -->"

# In a tab of its own, since this page keeps what was typed into it.
_SIGN_IN = '<a href="{}" target="_blank" rel="noreferrer">Sign in</a> to get one. '


@functools.cache
def page(sign_in_url: str = "") -> tuple[str, Mapping[str, str]]:
    """Return the page and its headers.

    Args:
        sign_in_url: where a person gets an access token; empty for no link.
    """
    style, script = _read("page.css"), _read("page.js")
    link = _SIGN_IN.format(html.escape(sign_in_url)) if sign_in_url else ""
    text = _read("page.html").replace(_SIGN_IN_HERE, link)
    text = text.replace(_STYLE_HERE, style).replace(_SCRIPT_HERE, script)
    policy = {
        "default-src": "'none'",
        "script-src": _hash_of(script),
        "style-src": _hash_of(style),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return text, {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "; ".join(f"{name} {each}" for name, each in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash_of(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
