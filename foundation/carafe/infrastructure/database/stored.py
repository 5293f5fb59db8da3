"""Where an aggregate's attributes lie in its document, and what a criterion looks for there."""

from collections.abc import Sequence
from typing import Any

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

from carafe.domain.model import AggregateRoot, collection_of

from .codec import Document, encode_value
from .criteria import Criterion, Operator, Sorting, form_of
from .forms import ArrayForm, Form, OptionalForm

_BSON: CodecOptions[Document] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)


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


def text_of_question(
    aggregate: type[AggregateRoot], criteria: Sequence[Criterion], sorting: Sorting
) -> str:
    """Return what is asked for, as the text that seals its cursors.

    It says what is wanted, not how a store is asked: cursors of earlier versions must fit.

    Raises:
        ValueError, TypeError: as `stored_value_of`.
    """
    question = {
        "collection": collection_of(aggregate),
        "criteria": [
            [each.field, each.operator.value, stored_value_of(aggregate, each)] for each in criteria
        ],
        "sorted_by": list(sorting.fields),
        "descending": sorting.descending,
    }
    return bson.encode(question, codec_options=_BSON).hex()


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
