"""Entity tags, and requests that depend on them (RFC 9110, section 13)."""

import hashlib
import re

from chalice.app import Response

from .problems import RequestRefused

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t]*{_TAG}(?:[ \t]*,[ \t]*{_TAG})*[ \t]*")
_OPAQUE = re.compile(r'(?:W/)?"([^"]*)"')
_VERSION = re.compile(r'(?<!W/)"([1-9][0-9]{0,17})"')

ANY = "*"

_BLANKS = " \t"


def tag_of_version(version: int) -> str:
    """Return the entity tag of an aggregate."""
    return f'"{version}"'


def tag_of_body(body: str) -> str:
    """Return the entity tag of an answer without a version, weak: it may be sent compressed."""
    return f'W/"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def expected_versions(if_match: str | None) -> frozenset[int] | None:
    """Return the versions one of which an aggregate must have to be changed.

    Args:
        if_match: the header If-Match.

    Returns:
        None when every version will do. Weak tags match nothing, as tags of others.

    Raises:
        RequestRefused: the header is malformed.
    """
    if if_match is None or if_match.strip(_BLANKS) == ANY:
        return None
    if not _TAGS.fullmatch(if_match):
        raise RequestRefused(
            'If-Match must be * or entity tags, such as "3".',
            code="malformed_if_match",
            status=400,
        )
    return frozenset(map(int, _VERSION.findall(if_match)))


def unless_known(response: Response, if_none_match: str | None) -> Response:
    """Return an answer, or only that it has not changed, when the caller has it already.

    Args:
        response: with its ETag.
        if_none_match: the header If-None-Match; tags are compared weakly.
    """
    tag = str(response.headers["ETag"])
    known = if_none_match or ""
    if known.strip(_BLANKS) != ANY and not set(_OPAQUE.findall(known)) & set(_OPAQUE.findall(tag)):
        return response
    headers = {name: each for name, each in response.headers.items() if name != "Content-Type"}
    return Response(body="", status_code=304, headers=headers)
