"""Requirements for values; each raises an error that says what is wrong."""

import re
from datetime import datetime

from .errors import InvalidValue

LONGEST_IDENTIFIER = 64

LONGEST_TEXT = 200
"""Maximum length of a text unless stated otherwise, in characters."""

# Every dialect of regular expressions must read this alike, since the OpenAPI document contains
# it. Zero-width joiners are not control characters here: Persian names need them.
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_SPACES = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
TEXT_FORM = f"[{_SPACES}]*[^{_CONTROL}{_SPACES}][^{_CONTROL}]*"
"""Not only spaces, and no control characters."""

# Surrogates, too: neither JSON nor the store can hold them.
_FORBIDDEN = re.compile(rf"[{_CONTROL}\ud800-\udfff]")


def require_text(value: object, field_name: str, longest: int) -> None:
    """Require a printable text of 1 to `longest` characters.

    Raises:
        InvalidValue: it is not text, is empty or too long, or contains control characters.
    """
    if not isinstance(value, str):
        raise InvalidValue(field_name, "must be text")
    if not value.strip():
        raise InvalidValue(field_name, "must not be empty")
    if len(value) > longest:
        raise InvalidValue(field_name, f"must have at most {longest} characters, has {len(value)}")
    # What is printable holds nothing forbidden, and is recognised much faster.
    if not value.isprintable() and _FORBIDDEN.search(value):
        raise InvalidValue(field_name, "must not contain control characters")


def require_form(value: object, field_name: str, form: re.Pattern[str], message: str) -> None:
    """Require a text that matches the whole form.

    Raises:
        InvalidValue: it does not match; with this message.
    """
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InvalidValue(field_name, message)


def require_whole_number(value: object, field_name: str, least: int, most: int) -> None:
    """Require a whole number from `least` to `most`.

    Raises:
        InvalidValue: it is not a whole number, too small or too large.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValue(field_name, "must be a whole number")
    if not least <= value <= most:
        raise InvalidValue(field_name, f"must be {least} to {most}, is {value}")


def require_moment(value: object, field_name: str) -> None:
    """Require a time with a zone, no finer than milliseconds: the store keeps no more.

    Raises:
        InvalidValue: it is not a time, has no zone, or is finer.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidValue(field_name, "must be a moment with a time zone")
    if value.microsecond % 1000:
        raise InvalidValue(field_name, "must have milliseconds, not microseconds")
