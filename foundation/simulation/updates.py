"""MongoDB's updates and projections, as far as the foundation asks them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .matching import Document, is_match, meets


def updated(document: Document, update: Mapping[str, Any]) -> Document:
    """Return a document after an update; the one given is left as it is."""
    result = dict(document)
    for operator, fields in update.items():
        for name, value in fields.items():
            _UPDATES[operator](result, name, value)
    return result


def projected(document: Document, projection: Mapping[str, Any] | None) -> Document:
    """Return of a document what a projection lets through."""
    if not projection:
        return document
    is_whitelist = any(each == 1 for name, each in projection.items() if name != "_id")
    if is_whitelist or set(projection) == {"_id"}:
        result = {"_id": document["_id"]}
        for name, each in projection.items():
            if each == 1:
                _pick(result, document, name.split("."))
    else:
        left_out = {name for name, each in projection.items() if each == 0}
        result = {name: each for name, each in document.items() if name not in left_out}
    for name, each in projection.items():
        if isinstance(each, dict) and name in document:
            _narrow(result, name, document[name], each)
    return result


def _pick(result: Document, document: Document, path: Sequence[str]) -> None:
    """Take over what lies at a path."""
    name, *rest = path
    if name not in document:
        return
    if rest:
        _pick(result.setdefault(name, {}), document[name], rest)
    else:
        result[name] = document[name]


def _narrow(result: Document, name: str, values: list[Any], projection: Mapping[str, Any]) -> None:
    ((operator, argument),) = projection.items()
    if operator == "$slice":
        result[name] = values[:argument]
        return
    if operator != "$elemMatch":
        raise KeyError(operator)
    result.pop(name, None)
    if found := [each for each in values if is_match(each, argument)][:1]:
        result[name] = found


def _set(document: Document, name: str, value: Any) -> None:  # noqa: ANN401 - any value
    document[name] = value


def _unset(document: Document, name: str, _: Any) -> None:  # noqa: ANN401 - the same
    document.pop(name, None)


def _push(document: Document, name: str, value: Any) -> None:  # noqa: ANN401 - the same
    further = value["$each"] if isinstance(value, dict) and "$each" in value else [value]
    document[name] = [*document.get(name, []), *further]


def _pull(document: Document, name: str, condition: Any) -> None:  # noqa: ANN401 - the same
    if name in document:
        document[name] = [each for each in document[name] if not _is_pulled(each, condition)]


def _is_pulled(value: Any, condition: Any) -> bool:  # noqa: ANN401 - the same
    return is_match(value, condition) if isinstance(value, dict) else meets(value, condition)


def _min(document: Document, name: str, value: Any) -> None:  # noqa: ANN401 - the same
    if name not in document or value < document[name]:
        document[name] = value


_UPDATES: Mapping[str, Callable[[Document, str, Any], None]] = {
    "$set": _set,
    "$unset": _unset,
    "$push": _push,
    "$pull": _pull,
    "$min": _min,
}
