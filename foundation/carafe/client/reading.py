"""From an answer's body to a contract, tolerant of fields that a newer service adds."""

from typing import TypeVar

import msgspec

from carafe.contracts.validation import without_unknown_fields

T = TypeVar("T")


class Unreadable(Exception):
    """A body is no JSON, or does not fit the contract."""


def decode(body: bytes, contract: type[T]) -> T:
    """Read JSON; fields that the contract does not name are passed over.

    The contracts refuse unknown fields, as a service must; its clients must not, or no
    service could ever add one. The fast path is one call: only what it refuses is looked at.

    Raises:
        Unreadable: it is no JSON, or does not fit the contract.
    """
    try:
        try:
            return msgspec.json.decode(body, type=contract)
        except msgspec.ValidationError:
            return convert(msgspec.json.decode(body), contract)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(str(error)) from error


def convert(values: object, contract: type[T]) -> T:
    """Read plain JSON values; fields that the contract does not name are passed over.

    Raises:
        Unreadable: they do not fit the contract.
    """
    try:
        return msgspec.convert(without_unknown_fields(contract, values), contract)
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)) from error
