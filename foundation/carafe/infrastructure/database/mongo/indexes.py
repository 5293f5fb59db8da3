"""The indexes of an aggregate's collection: those it declares, and the outbox's own."""

from pymongo import ASCENDING, DESCENDING, IndexModel

from carafe.domain.model import AggregateRoot, Index
from carafe.infrastructure.database.criteria import form_of
from carafe.infrastructure.database.forms import schema_of
from carafe.infrastructure.database.stored import stored_name


def indexes_of(aggregate: type[AggregateRoot]) -> list[IndexModel]:
    """Return every index that the aggregate's collection needs.

    Raises:
        ValueError: a declared index names an attribute that the aggregate does not have.
    """
    return [
        # The sweep: only documents with pending events are in it, so it is small.
        IndexModel(
            [("pending_since", ASCENDING), ("_id", ASCENDING)],
            name="pending_since",
            partialFilterExpression={"pending_since": {"$exists": True}},
        ),
        # Tombstones, once drained.
        IndexModel([("expires_at", ASCENDING)], name="expires_at", expireAfterSeconds=0),
        *(_model(aggregate, index) for index in schema_of(aggregate).indexes),
    ]


def _model(aggregate: type[AggregateRoot], index: Index) -> IndexModel:
    keys = []
    for each in index.fields:
        name = each.lstrip("-")
        form_of(aggregate, name)
        keys.append((stored_name(name), DESCENDING if each.startswith("-") else ASCENDING))
    only: dict[str, object] = {}
    for name, value in index.only_where:
        form_of(aggregate, name)
        only[name] = value
    if index.unique:
        # A tombstone has no attributes, and must not stand in the way of a successor.
        only |= {name: {"$exists": True} for name, _ in keys if name not in only}
    options: dict[str, object] = {"unique": True} if index.unique else {}
    if only:
        options["partialFilterExpression"] = only
    if index.expire_after_seconds is not None:
        options["expireAfterSeconds"] = index.expire_after_seconds
    return IndexModel(keys, **options)
