"""What values must look like, each with an error that says what is wrong."""

import re

from .errors import InvalidValue


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
    if not value.isprintable():
        raise InvalidValue(field_name, "must not contain control characters")


def require_form(value: object, field_name: str, form: re.Pattern[str], message: str) -> None:
    """Refuse what is no text of exactly this form.

    Raises:
        InvalidValue: with the message given.
    """
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InvalidValue(field_name, message)
