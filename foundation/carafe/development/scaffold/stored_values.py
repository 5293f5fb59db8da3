"""Examples of stored values, as code."""

from carafe.development.stored_forms.comparison import Described
from carafe.infrastructure.database.forms import TAG_FIELD

IMPORTS = (
    "from datetime import UTC, datetime",
    "from uuid import UUID",
    "from bson.decimal128 import Decimal128",
)
"""What the examples need; the formatter removes what is not used."""

SCALARS = {
    "str": '"text"',
    "int": "1",
    "float": "1.0",
    "bool": "True",
    "bytes": 'b"bytes"',
    "UUID": "UUID(int=1)",
    "Decimal": 'Decimal128("1.00")',
    "date": '"2026-01-01"',
    "time": '"12:00:00"',
    "datetime": "datetime(2026, 1, 1, tzinfo=UTC)",
}


def document_of(form: Described) -> str:
    """Return a whole document of a form, in its version."""
    bookkeeping = f'"_id": "id-1", "version": 1, "schema_version": {form["version"]}, "sequence": 0'
    return f'{{{bookkeeping}, {_entries(form["attributes"])} "pending": [], "handled": []}}'


def value_of(described: Described) -> str:
    """Return a value of a form; of several, the first one."""
    match described["type"]:
        case "enumeration":
            return repr(described["values"][0])
        case "list":
            return f"[{value_of(described['items'])}]"
        case "object":
            return f"{{{_entries(described['attributes'])}}}"
        case "union":
            tag = min(described["kinds"])
            return f"{{{TAG_FIELD!r}: {tag!r}, {_entries(described['kinds'][tag])}}}"
        case scalar:
            return SCALARS[scalar]


def _entries(attributes: Described) -> str:
    """Return the entries of a dict, each with a comma behind it."""
    return " ".join(f"{name!r}: {value_of(each)}," for name, each in attributes.items())
