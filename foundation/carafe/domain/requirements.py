"""Requirements for values; each raises an error that says what is wrong."""

import re
from datetime import date, datetime, time

from .errors import InvalidValue

LONGEST_IDENTIFIER = 64

LONGEST_TEXT = 200
"""Maximum length of a text unless stated otherwise, in characters."""

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_SPACES = r" \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"

# What Unicode calls default ignorable, such as joiners, fillers and variation selectors;
# annotation marks; the Braille blank; and the marks that combine with letters of any script.
_UNSEEN = (
    r"\xad\u0300-\u036f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u2800\u3164\ufe00-\ufe0f\ufe20-\ufe2f"
    r"\ufeff\uffa0\ufff0-\ufffb"
)

# The planes 0 to 3, which have all characters that show something: tags and further variation
# selectors are in plane 14. Written so that engines which read UTF-16 units accept the range too:
# its end is the pair D8BF DFFD there.
_PLANES = "\\x00-\U0003fffd\\ue000-\\uffff"

# The same from the other end, for Python alone: UTF-16 units would make the range run backwards. At
# every cold start Python compiles a class in 0.4 ms that names these, and in 5 ms those above.
_BEYOND = "\U0003fffe-\U0010ffff"

_VISIBLE = f"(?![{_CONTROL}{_SPACES}{_UNSEEN}])"


def _text_form(planes: str, beyond: str) -> str:
    # Beside visible characters, invisible ones are allowed: Persian names need joiners.
    return f"(?:[{_SPACES}{_UNSEEN}]|[{beyond}])*{_VISIBLE}[{planes}][^{_CONTROL}]*"


TEXT_FORM = _text_form(_PLANES, f"^{_PLANES}")
"""At least one visible character, and no control characters.

Every dialect of regular expressions reads it alike, since the OpenAPI document contains it.
"""

PYTHON_TEXT_FORM = _text_form(f"^{_BEYOND}", _BEYOND)
"""The same, as Python compiles it faster."""

_VISIBLE_CHARACTER = re.compile(f"{_VISIBLE}[^{_BEYOND}]")

# Surrogates, too: neither JSON nor the store can hold them.
_FORBIDDEN = re.compile(rf"[{_CONTROL}\ud800-\udfff]")


def require_text(value: object, field_name: str, longest: int) -> None:
    """Require a printable text of 1 to `longest` characters, at least one of them visible.

    Raises:
        InvalidValue: it is not text, shows nothing, is too long, or contains control characters.
    """
    if not isinstance(value, str):
        raise InvalidValue(field_name, "must be text")
    if not _VISIBLE_CHARACTER.search(value):
        raise InvalidValue(field_name, "must not be empty")
    if len(value) > longest:
        raise InvalidValue(field_name, f"must have at most {longest} characters, has {len(value)}")
    # What is printable holds nothing forbidden, and is recognised much faster.
    if not value.isprintable() and _FORBIDDEN.search(value):
        raise InvalidValue(field_name, "must not contain control characters")


def require_subject(value: object, field_name: str) -> None:
    """Require the subject of a caller, as an access token may name it: longer than an id.

    Raises:
        InvalidValue: it is no text of 1 to 200 printable characters.
    """
    require_text(value, field_name, LONGEST_TEXT)


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


def require_moment(value: object, field_name: str, *, after: datetime | None = None) -> None:
    """Require a time with a zone, no finer than milliseconds: the store keeps no more.

    Args:
        value: to check.
        field_name: of the attribute that gets it.
        after: the present, for a time that must lie ahead.

    Raises:
        InvalidValue: it is not a time, has no zone, is finer, or does not lie ahead.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidValue(field_name, "must be a moment with a time zone")
    if value.microsecond % 1000:
        raise InvalidValue(field_name, "must have milliseconds, not microseconds")
    if after is not None and value <= after:
        raise InvalidValue(field_name, "must lie ahead")


def require_date(value: object, field_name: str) -> None:
    """Require a day of the calendar, without a time.

    Raises:
        InvalidValue: it is not a date, or has a time as well.
    """
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidValue(field_name, "must be a date")


def require_time(value: object, field_name: str) -> None:
    """Require a time of day in whole seconds, without a zone.

    Raises:
        InvalidValue: it is not a time of day, has a zone, or is finer.
    """
    if not isinstance(value, time) or value.tzinfo is not None:
        raise InvalidValue(field_name, "must be a time of day without a zone")
    if value.microsecond:
        raise InvalidValue(field_name, "must have whole seconds")


def is_snake_case(text: str) -> bool:
    """Return whether a text is words in snake case, such as `time_up`."""
    return re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", text) is not None
