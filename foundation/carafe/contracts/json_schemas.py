"""The JSON schemas of contracts, as they are published."""

from collections.abc import Iterable
from typing import Any

import msgspec

from carafe.domain.requirements import PYTHON_TEXT_FORM, TEXT_FORM

from .patterns import whole

_PUBLISHED = {whole(PYTHON_TEXT_FORM): whole(TEXT_FORM)}
"""By pattern that the contracts check with, one that every dialect of JSON Schema reads alike."""


def schema_components(
    contracts: Iterable[Any], ref_template: str
) -> tuple[list[Any], dict[str, Any]]:
    """Return the schema of each contract, and by name those that they refer to.

    Args:
        contracts: types.
        ref_template: of the references, with `{name}`.
    """
    schemas, components = msgspec.json.schema_components(contracts, ref_template=ref_template)
    return [_published(each) for each in schemas], _published(components)


def _published(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, list):
        return [_published(each) for each in schema]
    if isinstance(schema, dict):
        return {name: _published(part) for name, part in schema.items()}
    return _PUBLISHED.get(schema, schema) if isinstance(schema, str) else schema
