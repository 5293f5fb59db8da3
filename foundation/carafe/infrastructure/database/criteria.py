"""Which aggregates are wanted, in words that every store understands.

Attributes are named, and dots lead into them: `address.city`. A name that the
aggregate does not have is refused when the criterion is used, so that nothing a caller sends
can become an operator of a store.
"""

from collections.abc import Iterable, Sequence
from enum import Enum

from msgspec import Struct

from carafe.domain.model import AggregateRoot

from .forms import (
    ArrayForm,
    DecimalForm,
    EmbeddedForm,
    EnumForm,
    Form,
    IsoForm,
    MomentForm,
    OptionalForm,
    ScalarForm,
    schema_of,
    stored_fields,
)

_SORTABLE = (ScalarForm, DecimalForm, MomentForm, IsoForm, EnumForm)


class Operator(Enum):
    """How an attribute is compared."""

    EQUALS = "equals"
    ONE_OF = "one of"
    AT_LEAST = "at least"
    BELOW = "below"


class Criterion(Struct, frozen=True):
    """One condition; several of them hold together."""

    field: str
    operator: Operator
    value: object


def equals(field: str, value: object) -> Criterion:
    """Want this very value."""
    return Criterion(field, Operator.EQUALS, value)


def one_of(field: str, values: Iterable[object]) -> Criterion:
    """Want any of these values."""
    return Criterion(field, Operator.ONE_OF, tuple(values))


def at_least(field: str, value: object) -> Criterion:
    """Want this value or a higher one."""
    return Criterion(field, Operator.AT_LEAST, value)


def below(field: str, value: object) -> Criterion:
    """Want a lower value."""
    return Criterion(field, Operator.BELOW, value)


class Sorting(Struct, frozen=True):
    """An order without ties: by some attributes, then by id if they are not unique.

    Attributes:
        fields: attribute names, the id last unless the others are unique.
        descending: all of them downwards.
    """

    fields: tuple[str, ...]
    descending: bool

    @classmethod
    def of(cls, aggregate: type[AggregateRoot], order: Sequence[str]) -> "Sorting":
        """Read names such as `-placed_at`.

        Raises:
            ValueError: an attribute is unknown, may be missing or has no order, or directions
                are mixed.
        """
        names = [each.lstrip("-") for each in order]
        for name in names:
            *way, last = forms_on_the_way(aggregate, name)
            if not isinstance(last, _SORTABLE) or not all(
                isinstance(form, EmbeddedForm) for form in way
            ):
                raise ValueError(f"{aggregate.__name__}.{name} cannot be sorted by")
        directions = {each.startswith("-") for each in order} or {False}
        if len(directions) > 1:
            raise ValueError(f"one direction for all of {', '.join(order)}")
        if not _tells_apart(aggregate, names):
            names.append("id")
        return cls(tuple(names), directions.pop())


def _tells_apart(aggregate: type[AggregateRoot], names: list[str]) -> bool:
    """Return whether no two aggregates can be equal in all of these attributes."""
    unique = [{"id"}] + [
        {field.lstrip("-") for field in index.fields}
        for index in schema_of(aggregate).indexes
        if index.unique and not index.only_where
    ]
    return any(fields <= set(names) for fields in unique)


def form_of(aggregate: type[AggregateRoot], path: str) -> Form:
    """Return the form of an attribute.

    Raises:
        ValueError: the aggregate has no such attribute.
    """
    return forms_on_the_way(aggregate, path)[-1]


def forms_on_the_way(aggregate: type[AggregateRoot], path: str) -> list[Form]:
    """Return the form of an attribute, behind those of the attributes that lead to it.

    Raises:
        ValueError: the aggregate has no such attribute.
    """
    if path == "id":
        return [ScalarForm(str)]
    forms: list[Form] = []
    for name in path.split("."):
        inner = _inside(forms[-1]) if forms else EmbeddedForm(aggregate)
        form = stored_fields(inner.declared).get(name) if isinstance(inner, EmbeddedForm) else None
        if form is None:
            raise ValueError(f"{aggregate.__name__} has no attribute {path}")
        forms.append(form)
    return forms


def _inside(form: Form) -> Form:
    """Return what an optional or repeated form holds."""
    if isinstance(form, OptionalForm):
        return _inside(form.inner)
    return form.item if isinstance(form, ArrayForm) else form
