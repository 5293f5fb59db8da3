"""Where an aggregate's attributes lie in its document, and what a criterion looks for there."""

from typing import Any

from carafe.domain.model import AggregateRoot

from .codec import Document, encode_value
from .criteria import Criterion, Operator, Sorting, form_of
from .forms import ArrayForm, Form, OptionalForm


def stored_name(path: str) -> str:
    """Return the name under which an attribute is stored."""
    return "_id" if path == "id" else path


def position_of(sorting: Sorting, document: Document) -> list[Any]:
    """Return the values by which a document has its place in an order."""
    return [_value_at(document, stored_name(each)) for each in sorting.fields]


def stored_value_of(aggregate: type[AggregateRoot], criterion: Criterion) -> Any:  # noqa: ANN401 - any stored value
    """Return what a criterion compares with, in its stored form: a list for `one_of`.

    Raises:
        ValueError: the aggregate has no such attribute.
        TypeError: `one_of` was given a single value.
    """
    form = _compared(form_of(aggregate, criterion.field))
    if criterion.operator is not Operator.ONE_OF:
        return encode_value(form, criterion.value)
    if not isinstance(criterion.value, tuple):
        raise TypeError(f"{criterion.field}: one_of takes several values")
    return [encode_value(form, each) for each in criterion.value]


def _compared(form: Form) -> Form:
    """Return the form that is compared: a repeated attribute meets with any of its items."""
    if isinstance(form, OptionalForm) and isinstance(form.inner, ArrayForm):
        return OptionalForm(form.inner.item)
    return form.item if isinstance(form, ArrayForm) else form


def _value_at(document: Document, path: str) -> Any:  # noqa: ANN401 - any stored value
    value: Any = document
    for name in path.split("."):
        value = value[name]
    return value
