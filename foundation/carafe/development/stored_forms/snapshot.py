"""The stored forms of aggregates at one time, as JSON."""

from collections.abc import Container, Iterable
from typing import Any

from carafe.domain.model import AggregateRoot, collection_of
from carafe.domain.process import Process
from carafe.infrastructure.database.forms import (
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

Snapshot = dict[str, Any]


def snapshot_of(
    aggregates: Iterable[type[AggregateRoot]],
    written_earlier: Container[type[AggregateRoot]] = (),
) -> Snapshot:
    """Return the snapshot of some aggregates' forms, by collection.

    Names of classes are in no document: apart from the aggregate's, which messages use, a
    snapshot has none. Those of a process's steps are.

    Args:
        aggregates: the types.
        written_earlier: those whose documents are still written in the version before, by a
            downcaster.

    Raises:
        UnstorableType: an attribute has no stored form.
    """
    return {
        collection_of(each): {
            "aggregate": each.__name__,
            "version": schema_of(each).version,
            **({"written": schema_of(each).version - 1} if each in written_earlier else {}),
            "attributes": _attributes(each),
            **({"steps": [step.name for step in each.STEPS]} if issubclass(each, Process) else {}),
        }
        for each in aggregates
    }


def _attributes(declared: type) -> Snapshot:
    attributes = {name: _described(form) for name, form in stored_fields(declared).items()}
    for name in optional_by_default(declared):
        attributes[name]["default"] = None
    return attributes


def _described(form: Form) -> Snapshot:  # noqa: PLR0911 - one answer a form
    match form:
        case ScalarForm(kind):
            return {"type": kind.__name__}
        case DecimalForm():
            return {"type": "Decimal"}
        case MomentForm():
            return {"type": "datetime"}
        case IsoForm(kind):
            return {"type": kind.__name__}
        case EnumForm(enumeration):
            values = sorted((member.value for member in enumeration), key=repr)
            return {"type": "enumeration", "values": values}
        case EmbeddedForm(declared):
            return {"type": "object", "attributes": _attributes(declared)}
        case ArrayForm(item):
            return {"type": "list", "items": _described(item)}
        case OptionalForm(inner):
            return _described(inner) | {"optional": True}
        case UnionForm(members):
            return {"type": "union", "kinds": {tag: _attributes(kind) for tag, kind in members}}
