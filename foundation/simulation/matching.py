"""MongoDB's queries, as far as the foundation asks them.

An operator that is not known here raises KeyError, rather than match wrongly.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Document = dict[str, Any]

MISSING = object()

Condition = Callable[[Any, Any], bool]


def is_match(document: Document, query: Mapping[str, Any]) -> bool:
    """Return whether a document meets a query."""
    for name, condition in query.items():
        if name == "$or":
            if not any(is_match(document, each) for each in condition):
                return False
        elif name == "$and":
            if not all(is_match(document, each) for each in condition):
                return False
        elif not meets(value_at(document, name.split(".")), condition):
            return False
    return True


def value_at(value: Any, path: Sequence[str]) -> Any:  # noqa: ANN401 - any value of a document
    """Return what lies at a path; of a list of documents, the list of what lies there in each."""
    for position, name in enumerate(path):
        if isinstance(value, list):
            if name.isdecimal():
                value = value[int(name)] if int(name) < len(value) else MISSING
                continue
            found = [value_at(each, path[position:]) for each in value]
            return [each for each in found if each is not MISSING] or MISSING
        value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
        if value is MISSING:
            return MISSING
    return value


def place(document: Document, name: str) -> tuple[Any, ...]:
    """Return by what documents are sorted: those without a value come first."""
    value = value_at(document, name.split("."))
    return () if value is MISSING or value is None else (value,)


def meets(value: Any, condition: Any) -> bool:  # noqa: ANN401 - the same
    """Return whether a value meets a condition: another value, or a document of operators."""
    if isinstance(condition, dict) and any(each.startswith("$") for each in condition):
        return all(_OPERATORS[name](value, bound) for name, bound in condition.items())
    return _equals(value, condition)


def _equals(value: Any, other: Any) -> bool:  # noqa: ANN401 - the same
    if other is None:
        return value is MISSING or value is None or (isinstance(value, list) and None in value)
    return value == other or (isinstance(value, list) and other in value)


def _has_element(value: Any, query: Any) -> bool:  # noqa: ANN401 - the same
    return isinstance(value, list) and any(
        is_match(each, query) for each in value if isinstance(each, dict)
    )


def _ordered(compare: Callable[[Any, Any], bool]) -> Condition:
    def holds(value: Any, bound: Any) -> bool:  # noqa: ANN401 - the same
        candidates = value if isinstance(value, list) else [value]
        return any(type(each) is type(bound) and compare(each, bound) for each in candidates)

    return holds


_OPERATORS: Mapping[str, Condition] = {
    "$eq": _equals,
    "$ne": lambda value, other: not _equals(value, other),
    "$in": lambda value, others: any(_equals(value, each) for each in others),
    "$nin": lambda value, others: not any(_equals(value, each) for each in others),
    "$lt": _ordered(lambda value, bound: bool(value < bound)),
    "$lte": _ordered(lambda value, bound: bool(value <= bound)),
    "$gt": _ordered(lambda value, bound: bool(value > bound)),
    "$gte": _ordered(lambda value, bound: bool(value >= bound)),
    "$exists": lambda value, is_expected: (value is not MISSING) == bool(is_expected),
    "$not": lambda value, condition: not meets(value, condition),
    "$elemMatch": _has_element,
}
