"""Decode bodies into contracts, ignoring fields that a newer service adds."""

from typing import TypeVar

import msgspec

from carafe.contracts import json_values
from carafe.contracts.first_use import complete
from carafe.contracts.json_values import NotJson, RepeatedKeys
from carafe.contracts.validation import without_unknown_fields

T = TypeVar("T")


class BodyUnreadable(Exception):
    """A body is not JSON, or does not fit the contract."""


def decode(body: bytes, contract: type[T]) -> T:
    """Decode JSON; fields that the contract does not name are ignored.

    The contracts refuse unknown fields, as a service must; its clients must not, or no
    service could ever add one. Unknown fields are removed only if the strict decoder fails.

    Raises:
        BodyUnreadable: it is not JSON, a key is repeated, or it does not fit the contract.
    """
    try:
        values = json_values.decode(body)
        try:
            return msgspec.json.decode(body, type=complete(contract))
        except msgspec.ValidationError:
            return convert(values, contract)
    except (NotJson, RepeatedKeys) as error:
        raise BodyUnreadable(str(error)) from error


def convert(values: object, contract: type[T]) -> T:
    """Convert plain JSON values; fields that the contract does not name are ignored.

    Raises:
        BodyUnreadable: they do not fit the contract.
    """
    try:
        return msgspec.convert(without_unknown_fields(contract, values), complete(contract))
    except msgspec.ValidationError as error:
        raise BodyUnreadable(str(error)) from error
