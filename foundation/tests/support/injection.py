"""What attackers put into fields, and the shape of the database commands that follow."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from carafe.development.nested import objects_in

MARK = "injected"

# In place of a field, or of a part of the body: nothing of this is ever valid.
PAYLOADS: list[Any] = [
    {"$ne": MARK},
    {"$gt": "", "$comment": MARK},
    {"$where": f"'{MARK}'"},
    {"$regex": f".*{MARK}"},
    {"$function": {"body": MARK, "args": [], "lang": "js"}},
    {"$expr": {"$eq": [MARK, MARK]}},
    {MARK: {"$exists": True}},
    [{"$ne": MARK}],
    {f"{MARK}.dotted": 1},
    {"__proto__": {MARK: True}},
    f"{MARK}\x00$where",
    MARK * 1_000,
    MARK * 40_000,
]

# Beside the fields: what no message has, and what the document has.
EXTRA_FIELDS = (
    *("$where", "$set", "$expr", "a.b", "shipping_address.city", "__proto__", "constructor"),
    *("_id", "version", "schema_version", "sequence", "pending", "handled", "customer_id"),
)

# As text: perhaps a valid one, and then nothing but text.
TEXTS = [
    "$where",
    "$lines.name",
    "{'$ne': ''}",
    '{"$gt": ""}',
    '{"$where": "sleep(1000)"}',
    "../orders",
    "a.b",
    "%24ne",
    "' || '1'=='1",
    "/.*/",
    "$$ROOT",
]
HARMLESS = "harmless"

# Operators by which the server would evaluate something that a caller wrote.
EVALUATING_OPERATORS = {
    "$where",
    "$function",
    "$accumulator",
    "$regex",
    "$regularExpression",
    "$expr",
}

# About the session, not about the query.
_CONVERSATION = {"lsid", "$clusterTime", "txnNumber"}


def shapes_of(commands: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return commands without their values: the names of all fields, the types inside."""
    return {
        str(shape({name: each[name] for name in each if name not in _CONVERSATION}))
        for each in commands
    }


def field_names_of(commands: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the names of all fields of all commands."""
    return {name for each in commands for name in names_in(each)}


def shape(value: Any) -> Any:  # noqa: ANN401 - any BSON
    """Return the names of fields, with the types of their values."""
    if isinstance(value, Mapping):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return sorted({str(shape(each)) for each in value})
    return type(value).__name__


def names_in(value: object) -> Iterator[str]:
    """Yield the names of all fields, however deep."""
    for each in objects_in(value):
        yield from each


Way = tuple[Any, ...]


def places(value: Any, way: Way = ()) -> Iterator[Way]:  # noqa: ANN401 - any JSON
    """Yield the way to a body as a whole, to every field of it, and to their parts."""
    yield way
    if isinstance(value, dict | list):
        for name in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[name], (*way, name))


def at(value: Any, way: Way) -> Any:  # noqa: ANN401 - any JSON
    """Return what lies at a place."""
    for name in way:
        value = value[name]
    return value


def put(value: Any, way: Way, payload: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a copy of a body with a payload in one place, new or not."""
    if not way:
        return payload
    name, *rest = way
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[name] = put(value[name], tuple(rest), payload) if rest else payload
    return copied
