"""The `$jsonSchema` validator of a collection, derived from `@schema`.

It accepts three kinds of document: one of the present form, which may lack what is None by
default; one of an earlier form, which `database migrate` has not reached yet, with its
bookkeeping right; and a tombstone.
A later form is accepted too: during a deployment newer code writes beside older code.

It guards the state: an attribute that the form does not have is refused. Bookkeeping is open, since
a later version of the foundation may note more, in the entries and under `_marks` (decision 0037).
"""

from typing import Any
from uuid import UUID

from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.forms import (
    TAG_FIELD,
    ArrayForm,
    DecimalForm,
    EmbeddedForm,
    EnumForm,
    Form,
    IsoForm,
    MomentForm,
    OptionalForm,
    ScalarForm,
    UnionForm,
    optional_by_default,
    schema_of,
    stored_fields,
)

JsonSchema = dict[str, Any]

_BSON_TYPES: dict[type, list[str]] = {
    str: ["string"],
    int: ["int", "long"],
    float: ["double"],
    bool: ["bool"],
    bytes: ["binData"],
    UUID: ["binData"],
}

_WHOLE = ["int", "long"]

# What the relay needs of an entry. An event has a sequence, and a `body` unless a version before
# 1.0 wrote it; a command has `to` and `body`.
_PENDING: JsonSchema = {
    "bsonType": "object",
    "required": ["id", "type"],
    "properties": {
        "id": {"bsonType": "string"},
        "message_id": {"bsonType": "string"},
        "type": {"bsonType": "string"},
        "sequence": {"bsonType": _WHOLE},
        "body": {"bsonType": "string"},
        "to": {"bsonType": "string"},
    },
}
_HANDLED: JsonSchema = {
    "bsonType": "object",
    "required": ["id", "digest", "version", "at"],
    "properties": {
        "id": {"bsonType": "string"},
        "digest": {"bsonType": "string"},
        "version": {"bsonType": _WHOLE},
        "at": {"bsonType": "date"},
    },
}
# What `database.timers` reads of a timer.
_TIMER: JsonSchema = {
    "bsonType": "object",
    "required": ["id", "due", "version", "correlation_id", "causation_id"],
    "properties": {
        "id": {"bsonType": "string"},
        "due": {"bsonType": "date"},
        "version": {"bsonType": _WHOLE},
        "correlation_id": {"bsonType": "string"},
        "causation_id": {"bsonType": "string"},
        "cron": {"bsonType": "string"},
        "zone": {"bsonType": "string"},
        "failures": {"bsonType": _WHOLE},
        "again_at": {"bsonType": "date"},
        "parking": {"bsonType": "object"},
    },
}
_BOOKKEEPING: JsonSchema = {
    "_id": {"bsonType": "string"},
    "version": {"bsonType": _WHOLE, "minimum": 1},
    "schema_version": {"bsonType": _WHOLE, "minimum": 1},
    "sequence": {"bsonType": _WHOLE, "minimum": 0},
    "pending": {"bsonType": "array", "items": _PENDING},
    "pending_since": {"bsonType": "date"},
    "handled": {"bsonType": "array", "items": _HANDLED},
    "timers": {"bsonType": "array", "items": _TIMER},
    "next_due": {"bsonType": "date"},
    "claimed_until": {"bsonType": "date"},
    "timers_parked_since": {"bsonType": "date"},
    "_marks": {"bsonType": "object"},
}
_ALWAYS = ["_id", "version", "schema_version", "sequence", "pending", "handled"]
_GONE: JsonSchema = {"deleted_at": {"bsonType": "date"}, "expires_at": {"bsonType": "date"}}


def validator_of(aggregate: type[AggregateRoot]) -> JsonSchema:
    """Return the validator of an aggregate's collection."""
    version = schema_of(aggregate).version
    fields = stored_fields(aggregate)
    state = {name: _schema(form) for name, form in fields.items()}
    omissible = optional_by_default(aggregate)
    present = {
        "bsonType": "object",
        "required": [*_ALWAYS, *(name for name in state if name not in omissible)],
        "properties": _BOOKKEEPING | {"schema_version": {"enum": [version]}} | state,
        "additionalProperties": False,
    }
    tombstone = {
        "bsonType": "object",
        "required": [*_ALWAYS, "deleted_at"],
        # Older code, which does not know a new attribute, leaves it behind when it deletes.
        "properties": _BOOKKEEPING | _GONE | {name: state[name] for name in omissible},
        "additionalProperties": False,
    }
    other_version = {
        "bsonType": "object",
        "required": _ALWAYS,
        "properties": _BOOKKEEPING | {"schema_version": {"not": {"enum": [version]}}},
    }
    return {"$jsonSchema": {"anyOf": [present, tombstone, other_version]}}


def _schema(form: Form) -> JsonSchema:  # noqa: PLR0911 - one answer a form
    match form:
        case ScalarForm(kind):
            return {"bsonType": _BSON_TYPES[kind]}
        case DecimalForm():
            return {"bsonType": "decimal"}
        case MomentForm():
            return {"bsonType": "date"}
        case IsoForm():
            return {"bsonType": "string"}
        case EnumForm(enumeration):
            return {"enum": [member.value for member in enumeration]}
        case EmbeddedForm(declared):
            return _object(declared)
        case ArrayForm(item):
            return {"bsonType": "array", "items": _schema(item)}
        case OptionalForm(inner):
            return {"anyOf": [{"bsonType": "null"}, _schema(inner)]}
        case UnionForm(members):
            return {"anyOf": [_object(declared, tag) for tag, declared in members]}


def _object(declared: type, tag: str | None = None) -> JsonSchema:
    properties = {name: _schema(form) for name, form in stored_fields(declared).items()}
    if tag is not None:
        properties[TAG_FIELD] = {"enum": [tag]}
    required = sorted(properties.keys() - optional_by_default(declared))
    return {
        "bsonType": "object",
        # MongoDB refuses an empty list.
        **({"required": required} if required else {}),
        "properties": properties,
        "additionalProperties": False,
    }
