"""Whether a live validator is of newer code than the one that is declared.

Older code is started again after a rollback, or by somebody who has not updated. It must not put
its validator in the place of the newer one, which would then refuse what newer code writes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
Accepted = tuple[str, str]
"""A place in a document, and something that may be there."""


def is_newer(live: Schema, declared: Schema) -> bool:
    """Return whether a live validator is of newer code.

    It is if it describes a later version of the form, or if it accepts more of the same version:
    within a version, forms only grow (decision 0031). What has grown in two ways is not newer, nor
    is what requires more: somebody has tried that, and it would refuse what is written now.

    Args:
        live: the collection's; perhaps none of ours.
        declared: made by `validator_of`.
    """
    there, ours = _present_form(live), _present_form(declared)
    if there is None or ours is None:
        return False
    if _version(there) != _version(ours):
        return _version(there) > _version(ours)
    accepts_more = set(_accepted("", there)) > set(_accepted("", ours))
    return accepts_more and not _requires_more(there, ours)


def _present_form(validator: Schema) -> Schema | None:
    """Return the schema of the present form; None if it is no validator of ours."""
    try:
        form: Schema = validator["$jsonSchema"]["anyOf"][0]
        _version(form)
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return form


def _version(form: Schema) -> int:
    return int(form["properties"]["schema_version"]["enum"][0])


def _requires_more(live: Schema, declared: Schema) -> bool:
    """Return whether a live schema requires a name that the declared one does not have.

    Alternatives are passed over: a further one requires what it likes.
    """
    there, ours = live.get("properties", {}), declared.get("properties", {})
    if ours and not ours.keys() >= set(live.get("required", ())):
        return True
    inner = [(there[name], ours[name]) for name in there.keys() & ours.keys()]
    if "items" in live and "items" in declared:
        inner.append((live["items"], declared["items"]))
    return any(_requires_more(*each) for each in inner)


def _accepted(place: str, schema: Schema) -> Iterator[Accepted]:
    """Yield what a schema accepts: types, values, names, and that a name is missing."""
    types = schema.get("bsonType", [])
    yield from ((place, each) for each in ([types] if isinstance(types, str) else types))
    yield from ((place, repr(each)) for each in schema.get("enum", ()))
    for each in schema.get("anyOf", ()):
        yield from _accepted(place, each)
    if "items" in schema:
        yield from _accepted(f"{place}[]", schema["items"])
    if "properties" in schema and schema.get("additionalProperties", True):
        yield (place, "any name")
    for name, inner in schema.get("properties", {}).items():
        if name not in schema.get("required", ()):
            yield (f"{place}.{name}", "missing")
        yield from _accepted(f"{place}.{name}", inner)
