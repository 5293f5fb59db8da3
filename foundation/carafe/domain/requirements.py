"""What values must look like, each with an error that says what is wrong."""

import re
from datetime import datetime

from .errors import InvalidValue

LONGEST_IDENTIFIER = 64

LONGEST_TEXT = 200
"""Characters of a text for which nothing else is said."""

# Written so that every dialect of regular expressions reads it alike: the OpenAPI document holds
# it. Signs that join letters are no control characters; Persian names need them.
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_SPACES = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
TEXT_FORM = f"[{_SPACES}]*[^{_CONTROL}{_SPACES}][^{_CONTROL}]*"
"""Not only spaces, and no control characters."""

# Halves of a character: no JSON holds them, and no store takes them.
_FORBIDDEN = re.compile(rf"[{_CONTROL}\ud800-\udfff]")


def require_text(value: object, field_name: str, longest: int) -> None:
    """Refuse what is not a printable text of 1 to `longest` characters.

    Raises:
        InvalidValue: it is no text, empty, too long, or holds control characters.
    """
    if not isinstance(value, str):
        raise InvalidValue(field_name, "must be text")
    if not value.strip():
        raise InvalidValue(field_name, "must not be empty")
    if len(value) > longest:
        raise InvalidValue(field_name, f"must have at most {longest} characters, has {len(value)}")
    if _FORBIDDEN.search(value):
        raise InvalidValue(field_name, "must not contain control characters")


def require_form(value: object, field_name: str, form: re.Pattern[str], message: str) -> None:
    """Refuse what is no text of exactly this form.

    Raises:
        InvalidValue: with the message given.
    """
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InvalidValue(field_name, message)


def require_whole_number(value: object, field_name: str, least: int, most: int) -> None:
    """Refuse what is not a whole number from `least` to `most`.

    Raises:
        InvalidValue: it is no whole number, too small or too large.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidValue(field_name, "must be a whole number")
    if not least <= value <= most:
        raise InvalidValue(field_name, f"must be {least} to {most}, is {value}")


def require_moment(value: object, field_name: str) -> None:
    """Refuse what is not a moment with its zone, in milliseconds: finer ones cannot be kept.

    Raises:
        InvalidValue: it is no moment, has no zone, or is finer.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidValue(field_name, "must be a moment with a time zone")
    if value.microsecond % 1000:
        raise InvalidValue(field_name, "must have milliseconds, not microseconds")
